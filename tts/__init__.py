"""From legal Vietnamese text to mastered sound."""
