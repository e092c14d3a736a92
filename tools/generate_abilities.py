"""The PHP side's copy of the product's abilities."""

from __future__ import annotations

from sidecar.abilities import Category, Declaration
from sidecar.automation import ability_declarations as automation
from sidecar.conversation import abilities as conversation
from sidecar.identity import abilities as identity
from sidecar.identity.external import abilities as external
from sidecar.memory import abilities_scaffold
from sidecar.memory import ability_declarations as memory
from tools import php_literal

FILE = "wp-plugin/generated/abilities.php"


def declarations() -> tuple[Declaration, ...]:
    """Every ability of the product, in the order WordPress lists them."""
    return (
        *identity.DECLARATIONS,
        *external.DECLARATIONS,
        *memory.DECLARATIONS,
        abilities_scaffold.DECLARATION,
        *conversation.DECLARATIONS,
        *automation.DECLARATIONS,
    )


def categories() -> tuple[Category, ...]:
    """Their categories, in the order they are first used."""
    return tuple({each.category.slug: each.category for each in declarations()}.values())


def generate() -> dict[str, str]:
    """The file by its path from the root of the repository."""
    head = (
        "Abilities of the product and their categories, by name.\n\n"
        "Generated from the declarations in sidecar/ by tools/generate.py. Do not edit."
    )
    content = {
        "categories": {
            each.slug: {"label": each.label, "description": each.description} for each in categories()
        },
        "abilities": {each.name: each.wordpress() for each in declarations()},
    }
    return {FILE: php_literal.file(head, php_literal.php(content))}
