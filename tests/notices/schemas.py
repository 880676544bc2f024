"""What the services document of the bodies that they take, as JSON Schema: written from their documentation, only what matters here."""

import jsonschema

TEXT = {"type": "string", "minLength": 1}


def text(most: int) -> dict:
    return {"type": "string", "minLength": 1, "maxLength": most}


def plain(most: int) -> dict:
    return {"type": "object", "required": ["type", "text"], "properties": {"type": {"const": "plain_text"}, "text": text(most), "emoji": {"type": "boolean"}}, "additionalProperties": False}


def markdown(most: int) -> dict:
    return {"type": "object", "required": ["type", "text"], "properties": {"type": {"const": "mrkdwn"}, "text": text(most), "verbatim": {"type": "boolean"}}, "additionalProperties": False}


HEADER = {"type": "object", "required": ["type", "text"], "properties": {"type": {"const": "header"}, "text": plain(150)}, "additionalProperties": False}
SECTION = {
    "type": "object", "required": ["type"], "anyOf": [{"required": ["text"]}, {"required": ["fields"]}], "additionalProperties": False,
    "properties": {"type": {"const": "section"}, "text": markdown(3000), "fields": {"type": "array", "minItems": 1, "maxItems": 10, "items": markdown(2000)}},
}
IMAGE = {"type": "object", "required": ["type", "image_url", "alt_text"], "additionalProperties": False,
         "properties": {"type": {"const": "image"}, "image_url": {**text(3000), "pattern": "^https?://"}, "alt_text": text(2000)}}
BUTTON = {"type": "object", "required": ["type", "text", "url"], "additionalProperties": False,
          "properties": {"type": {"const": "button"}, "text": plain(75), "url": text(3000), "action_id": text(255)}}
ACTIONS = {"type": "object", "required": ["type", "elements"], "additionalProperties": False,
           "properties": {"type": {"const": "actions"}, "elements": {"type": "array", "minItems": 1, "maxItems": 25, "items": BUTTON}}}
BLOCKS = {"type": "array", "minItems": 1, "maxItems": 50, "items": {"oneOf": [HEADER, SECTION, IMAGE, ACTIONS]}}
SLACK = {
    "type": "object", "required": ["text", "attachments"], "additionalProperties": False,
    "properties": {
        "text": text(40000), "username": TEXT, "blocks": BLOCKS,
        "attachments": {"type": "array", "maxItems": 20, "items": {
            "type": "object", "required": ["blocks"], "additionalProperties": False,
            "properties": {"color": {"type": "string", "pattern": "^#[0-9a-f]{6}$"}, "blocks": BLOCKS, "fallback": TEXT}}},
    },
}

# Adaptive cards 1.4, the elements that are used.
COLOUR = {"enum": ["default", "dark", "light", "accent", "good", "warning", "attention"]}
TEXT_BLOCK = {"type": "object", "required": ["type", "text"], "additionalProperties": False, "properties": {
    "type": {"const": "TextBlock"}, "text": TEXT, "size": {"enum": ["default", "small", "medium", "large", "extraLarge"]},
    "weight": {"enum": ["default", "lighter", "bolder"]}, "color": COLOUR, "wrap": {"type": "boolean"}, "fontType": {"enum": ["default", "monospace"]}}}
FACTS = {"type": "object", "required": ["type", "facts"], "additionalProperties": False, "properties": {
    "type": {"const": "FactSet"}, "facts": {"type": "array", "minItems": 1, "items": {
        "type": "object", "required": ["title", "value"], "additionalProperties": False, "properties": {"title": TEXT, "value": TEXT}}}}}
CARD_IMAGE = {"type": "object", "required": ["type", "url"], "additionalProperties": False,
              "properties": {"type": {"const": "Image"}, "url": {"type": "string", "pattern": "^https://"}, "altText": TEXT}}
OPEN = {"type": "object", "required": ["type", "url"], "additionalProperties": False,
        "properties": {"type": {"const": "Action.OpenUrl"}, "title": TEXT, "url": {"type": "string", "pattern": "^https?://"}}}
CARD = {
    "type": "object", "required": ["type", "version", "body"], "additionalProperties": False,
    "properties": {
        "$schema": {"const": "http://adaptivecards.io/schemas/adaptive-card.json"}, "type": {"const": "AdaptiveCard"}, "version": {"const": "1.4"},
        "fallbackText": TEXT, "body": {"type": "array", "minItems": 1, "items": {"oneOf": [TEXT_BLOCK, FACTS, CARD_IMAGE]}},
        "actions": {"type": "array", "maxItems": 6, "items": OPEN}, "msteams": {"type": "object"},
    },
}
TEAMS = {
    "type": "object", "required": ["type", "attachments"], "additionalProperties": False,
    "properties": {"type": {"const": "message"}, "attachments": {"type": "array", "minItems": 1, "maxItems": 1, "items": {
        "type": "object", "required": ["contentType", "content"], "additionalProperties": False,
        "properties": {"contentType": {"const": "application/vnd.microsoft.card.adaptive"}, "contentUrl": {"type": "null"}, "content": CARD}}}},
}

FIELD = {"type": "object", "required": ["name", "value"], "additionalProperties": False, "properties": {"name": text(256), "value": text(1024), "inline": {"type": "boolean"}}}
DISCORD = {
    "type": "object", "required": ["embeds"], "additionalProperties": False,
    "properties": {
        "username": text(80), "content": text(2000), "allowed_mentions": {"type": "object"},
        "embeds": {"type": "array", "minItems": 1, "maxItems": 10, "items": {
            "type": "object", "additionalProperties": False, "properties": {
                "title": text(256), "description": {"type": "string", "maxLength": 4096}, "url": {"type": "string", "pattern": "^https?://"},
                "color": {"type": "integer", "minimum": 0, "maximum": 0xFFFFFF}, "timestamp": {"type": "string", "format": "date-time"},
                "fields": {"type": "array", "maxItems": 25, "items": FIELD}, "image": {"type": "object", "required": ["url"]}}}},
    },
}

# Events API v2.
PAGERDUTY = {
    "type": "object", "required": ["routing_key", "event_action"], "additionalProperties": False,
    "properties": {
        "routing_key": {"type": "string", "minLength": 32, "maxLength": 32}, "event_action": {"enum": ["trigger", "acknowledge", "resolve"]},
        "dedup_key": text(255), "client": TEXT, "client_url": {"type": "string", "pattern": "^https?://"},
        "payload": {
            "type": "object", "required": ["summary", "source", "severity"], "additionalProperties": False,
            "properties": {"summary": text(1024), "source": TEXT, "severity": {"enum": ["critical", "warning", "error", "info"]},
                           "timestamp": {"type": "string", "format": "date-time"}, "component": TEXT, "group": TEXT, "class": TEXT, "custom_details": {"type": "object"}}},
        "links": {"type": "array", "items": {"type": "object", "required": ["href"], "properties": {"href": {"type": "string", "pattern": "^https?://"}, "text": TEXT}}},
        "images": {"type": "array", "items": {"type": "object", "required": ["src"], "properties": {"src": {"type": "string", "pattern": "^https://"}}}},
    },
    "allOf": [{"if": {"properties": {"event_action": {"const": "trigger"}}}, "then": {"required": ["payload"]}, "else": {"required": ["dedup_key"]}}],
}

OPSGENIE = {
    "type": "object", "required": ["message"], "additionalProperties": False,
    "properties": {"message": text(130), "alias": text(512), "description": {"type": "string", "maxLength": 15000}, "entity": text(512), "source": text(100),
                   "tags": {"type": "array", "maxItems": 20, "items": text(50)}, "priority": {"enum": ["P1", "P2", "P3", "P4", "P5"]},
                   "details": {"type": "object", "additionalProperties": {"type": "string"}}},
}


def check(body, schema: dict) -> None:
    jsonschema.validate(body, schema, jsonschema.Draft202012Validator, format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER)
