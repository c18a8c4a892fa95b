"""The Dagger engine: a stack inside one Dagger session that the runner owns. Only this package imports dagger."""
