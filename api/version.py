"""The version of the product, from its package; imports nothing heavy, for the command line starts by it."""

from importlib.metadata import PackageNotFoundError, version

try:
    VERSION = version("linelab")
except PackageNotFoundError:  # run from a checkout that was never installed
    VERSION = "0.1.0"
