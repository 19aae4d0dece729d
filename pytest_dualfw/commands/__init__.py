"""The commands of ``dualfw``, one file each: a ``main(arguments) -> exit status``."""
