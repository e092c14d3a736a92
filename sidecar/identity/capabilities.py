"""Names of the product's capabilities, and the action keys that stand for them."""

from __future__ import annotations

PREFIX = "datamachine_"

#: Action key to WordPress capability.
CAPABILITIES = {
    "manage_agents": "datamachine_manage_agents",
    "manage_flows": "datamachine_manage_flows",
    "manage_settings": "datamachine_manage_settings",
    "chat": "datamachine_chat",
    "use_tools": "datamachine_use_tools",
    "view_logs": "datamachine_view_logs",
    "create_own_agent": "datamachine_create_own_agent",
}

#: Any one of these makes somebody an administrator of the product.
MANAGING = ("manage_flows", "manage_settings", "manage_agents")

#: Which roles get which action keys when the plugin is activated.
GRANTED = {
    "administrator": tuple(CAPABILITIES),
    "editor": ("chat", "use_tools", "view_logs", "create_own_agent"),
    "author": ("chat", "use_tools", "create_own_agent"),
    "contributor": ("chat", "create_own_agent"),
    "subscriber": ("chat", "create_own_agent"),
}
