"""hubtui: a terminal dashboard for project stacks on build hosts. See docs/architecture.md for the rooms."""

__version__ = "0.1.0"
