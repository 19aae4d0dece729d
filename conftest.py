"""A fresh clone needs no installation: the plugin is loaded from here."""

pytest_plugins = ["pytest_dualfw"]
