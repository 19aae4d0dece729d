"""Draw the end of a run for the README: ``python docs/draw_verdict.py < output-of-pytest > docs/verdict.svg``."""

import sys
from html import escape

LINE, GLYPH, MARGIN = 17, 8.4, 16
SHOWN = 46


def main() -> None:
    lines = [line.rstrip("\n") for line in sys.stdin]
    start = next(i for i, line in enumerate(lines) if line.startswith("op "))
    end = next(i for i, line in enumerate(lines) if "op-target pairs" in line)
    rows = [row for row in lines[start : end + 1] if not row.startswith("test_")]
    shown = rows if len(rows) <= SHOWN else [*rows[: SHOWN - 3], "...", *rows[-2:]]
    width = max(map(len, shown)) * GLYPH + 2 * MARGIN
    height = len(shown) * LINE + 2 * MARGIN
    print(f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:.0f}" height="{height}" role="img">')
    print("<title>The verdict table at the end of a run</title>")
    print(f'<rect width="{width:.0f}" height="{height}" rx="8" fill="#0d1117"/>')
    style = 'font-family="monospace" font-size="14" fill="#c9d1d9" xml:space="preserve"'
    for i, text in enumerate(shown):
        print(f'<text x="{MARGIN}" y="{MARGIN + (i + 0.8) * LINE:.0f}" {style}>{escape(text)}</text>')
    print("</svg>")


if __name__ == "__main__":
    main()
