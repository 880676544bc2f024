/** Kinds of channels as people call them. Which settings each has, and which are secret, the server says. */
import type { Channel, ChannelField, ChannelKind, Secret, Setting } from "../api/channels";

interface Words {
  title: string;
  text: string;
}

export const KINDS: Record<ChannelKind, Words> = {
  slack: {
    title: "Slack",
    text: "Through an incoming webhook. In Slack: your app, Incoming webhooks, Add new webhook.",
  },
  teams: {
    title: "Microsoft Teams",
    text: "Through a workflow. In Teams: the channel, Workflows, “Post to a channel when a webhook request is received”.",
  },
  discord: { title: "Discord", text: "Through a webhook. In Discord: the channel’s settings, Integrations, Webhooks." },
  pagerduty: {
    title: "PagerDuty",
    text: "Alerts trigger an incident, recoveries resolve it. In PagerDuty: the service, Integrations, Events API V2.",
  },
  opsgenie: { title: "Opsgenie", text: "Alerts are opened, and closed on recovery." },
  sns: { title: "Amazon SNS", text: "Published to a topic." },
  telegram: { title: "Telegram", text: "A bot writes to a chat. Ask @BotFather for a bot." },
  webhook: { title: "Webhook", text: "A request of your own form: $VARIABLES in it stand for what happened." },
  email: {
    title: "Mail to a group",
    text: "One handle for several addresses. A single address needs no channel: @ada@example.com.",
  },
};

export const KIND_ORDER = Object.keys(KINDS) as ChannelKind[];

/** How a setting is typed; what is not named is one line. */
const TYPES: Record<string, "long" | [string, string][]> = {
  payload: "long",
  custom_headers: "long",
  encode_as: [
    ["json", "JSON"],
    ["form", "a form"],
  ],
  region: [
    ["us", "US"],
    ["eu", "EU"],
  ],
};

export const typeOf = ({ name }: ChannelField): "line" | "long" | [string, string][] => TYPES[name] ?? "line";

export const isSecret = (value: Setting | undefined): value is Secret =>
  typeof value === "object" && value !== null && typeof value.set === "boolean";

/** A setting as its field shows it; a kept secret shows nothing. */
export const shownSetting = (value: Setting | undefined): string =>
  value === undefined || value === null || isSecret(value) ? "" : String(value);

/** What is sent: a secret that was not typed anew stays as it is, by being left out. */
export function settingsOf(fields: ChannelField[], typed: Record<string, string>): Record<string, Setting> {
  const made: Record<string, Setting> = {};
  for (const { name, is_secret } of fields) {
    const text = (typed[name] ?? "").trim();
    if (!is_secret || text !== "") made[name] = text;
  }
  return made;
}

/** Names of the fields that are needed and empty. */
export function missing(fields: ChannelField[], typed: Record<string, string>, kept: Channel["settings"]): string[] {
  const isKept = (value: Setting | undefined) => isSecret(value) && value.set;
  return fields
    .filter(({ name, is_required }) => is_required && (typed[name] ?? "").trim() === "" && !isKept(kept[name]))
    .map(({ label }) => label);
}

/** What messages write to reach it. */
export const handleOf = (kind: ChannelKind, name: string) => `@${kind}-${name.trim()}`;

/** Names end handles: letters, digits, dots, dashes and underscores. */
export const isName = (name: string) => /^[\p{L}\p{N}_.-]*[\p{L}\p{N}]$/u.test(name.trim());
