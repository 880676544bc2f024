/** Where notices go: channels with their settings, and the mail server. Secrets are written, never read. */
import { queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { call, get, withParams } from "./client";

export type ChannelKind =
  "email" | "slack" | "teams" | "discord" | "pagerduty" | "opsgenie" | "sns" | "telegram" | "webhook";

/** A setting as it is read: a secret says only that there is one. */
export type Setting = string | null | Secret;
export interface Secret {
  set: boolean;
}

export interface Channel {
  id?: string;
  name: string;
  kind: ChannelKind;
  handle?: string;
  settings: Record<string, Setting>;
}

/** What a kind of channel is set up with. */
export interface ChannelField {
  name: string;
  label: string;
  is_secret: boolean;
  is_required: boolean;
  hint: string;
}

export interface ChannelList {
  channels: Channel[];
  kinds: { kind: ChannelKind; fields: ChannelField[] }[];
}

export interface TestOutcome {
  sent: boolean;
  error: string | null;
  status: number | null;
}

export interface Mail {
  host: string;
  port: number;
  tls: "none" | "starttls" | "tls";
  user: string;
  password: string | Secret | null;
  from: string;
  reply_to: string;
  /** PEM of an authority that the system does not know. */
  ca?: string;
}

const CHANNELS = "/api/ui/channels";
const MAIL = "/api/ui/mail";

export const channels = queryOptions({
  queryKey: ["channels"],
  queryFn: ({ signal }) => get<ChannelList>(CHANNELS, signal),
});

export const mail = queryOptions({
  queryKey: ["mail"],
  queryFn: ({ signal }) => get<Partial<Mail>>(MAIL, signal),
});

export interface Handle {
  handle: string;
  channel: string | null;
}

export const handles = (text: string) =>
  queryOptions({
    queryKey: ["handles", text],
    queryFn: ({ signal }) => get<{ handles: Handle[] }>(withParams("/api/ui/handles", { text }), signal),
    staleTime: 30_000,
  });

function useChange<T, R>(key: string, change: (value: T) => Promise<R>) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: change,
    onSettled: () => Promise.all([[key], ["handles"]].map((queryKey) => client.invalidateQueries({ queryKey }))),
  });
}

const at = (id: string) => `${CHANNELS}/${encodeURIComponent(id)}`;

export const useSaveChannel = () =>
  useChange("channels", ({ id, ...body }: Channel) =>
    id === undefined ? call<Channel>("POST", CHANNELS, body) : call<Channel>("PUT", at(id), body),
  );

export const useDeleteChannel = () => useChange("channels", (id: string) => call("DELETE", at(id)));

export const useTestChannel = () =>
  useMutation({ mutationFn: (id: string) => call<TestOutcome>("POST", `${at(id)}/test`, {}) });

export const useSaveMail = () => useChange("mail", (body: Mail) => call<Mail>("PUT", MAIL, body));

export const useTestMail = () =>
  useMutation({ mutationFn: (to: string) => call<TestOutcome>("POST", `${MAIL}/test`, { to }) });
