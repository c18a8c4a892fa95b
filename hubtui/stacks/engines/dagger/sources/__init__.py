"""What of a folder is sent to a Dagger engine: a build context or a bind mount without what nobody needs there."""
