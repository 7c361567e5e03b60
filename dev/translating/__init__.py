"""What the addon says, in the languages it is translated to."""
