/** A synthetic test as the editor holds it: Datadog's object itself, so that what has no field is carried along. */
import type { Assertion, JsonTarget, Subtype, SyntheticTest } from "../api/synthetics";

export const SUBTYPES: [Subtype, string, string][] = [
  ["http", "HTTP", "A request, and what its answer must be"],
  ["tcp", "TCP", "Whether a port takes connections"],
  ["ssl", "TLS", "A certificate: its days left, and its chain"],
];

/** How often, in seconds. */
export const EVERY: [number, string][] = [
  [10, "10 seconds"],
  [30, "30 seconds"],
  [60, "1 minute"],
  [300, "5 minutes"],
  [900, "15 minutes"],
  [3600, "1 hour"],
  [86400, "1 day"],
];

export interface AssertionKind {
  type: string;
  label: string;
  operators: [operator: string, label: string][];
  unit: string;
  number: boolean;
  /** Of which header or field. */
  property?: string;
  first: Assertion;
}

const COMPARED: [string, string][] = [
  ["lessThan", "below"],
  ["lessThanOrEqual", "at most"],
  ["moreThan", "above"],
  ["moreThanOrEqual", "at least"],
];
const TEXTS: [string, string][] = [
  ["contains", "contains"],
  ["doesNotContain", "does not contain"],
  ["is", "is"],
  ["isNot", "is not"],
  ["matches", "matches"],
  ["doesNotMatch", "does not match"],
];
const UNDEFINED = "isUndefined";
/** What a value inside a JSON body is compared by. */
export const JSON_OPERATORS: [string, string][] = [...TEXTS, ...COMPARED, [UNDEFINED, "is not there"]];
export const ELEMENTS: [string, string][] = [
  ["firstElementMatches", "the first"],
  ["everyElementMatches", "every one"],
  ["atLeastOneElementMatches", "at least one"],
  ["serializationMatches", "the list as a text"],
];
/** Operators that stand without a value. */
export const needsNoValue = (operator: string) => operator === UNDEFINED || operator === "doesNotExist";

const STATUS: AssertionKind = {
  type: "statusCode",
  label: "Status code",
  operators: [
    ["is", "is"],
    ["isNot", "is not"],
    ["matches", "matches"],
    ["doesNotMatch", "does not match"],
    ...COMPARED,
  ],
  unit: "",
  number: true,
  first: { type: "statusCode", operator: "is", target: 200 },
};
const TIME: AssertionKind = {
  type: "responseTime",
  label: "Response time",
  operators: COMPARED,
  unit: "ms",
  number: true,
  first: { type: "responseTime", operator: "lessThan", target: 1000 },
};
const BODY: AssertionKind = {
  type: "body",
  label: "Body",
  operators: TEXTS,
  unit: "",
  number: false,
  first: { type: "body", operator: "contains", target: "" },
};
const HEADER: AssertionKind = {
  type: "header",
  label: "Header",
  operators: [...TEXTS, ...COMPARED, ["doesNotExist", "does not exist"]],
  unit: "",
  number: false,
  property: "content-type",
  first: { type: "header", property: "content-type", operator: "contains", target: "" },
};
const CERTIFICATE: AssertionKind = {
  type: "certificate",
  label: "Certificate valid for",
  operators: [
    ["isInMoreThan", "more than"],
    ["isInLessThan", "less than"],
  ],
  unit: "days",
  number: true,
  first: { type: "certificate", operator: "isInMoreThan", target: 14 },
};

const ISSUED: AssertionKind = {
  type: "property",
  label: "Certificate’s",
  operators: TEXTS,
  unit: "",
  number: false,
  property: "issuer.O",
  first: { type: "property", property: "issuer.O", operator: "contains", target: "" },
};
const TLS: AssertionKind = {
  type: "tlsVersion",
  label: "TLS version",
  operators: [["is", "is"], ["isNot", "is not"], ...COMPARED],
  unit: "",
  number: true,
  first: { type: "tlsVersion", operator: "moreThanOrEqual", target: 1.2 },
};
const CONNECTION: AssertionKind = {
  type: "connection",
  label: "Connection (established, refused, timeout)",
  operators: [
    ["is", "is"],
    ["isNot", "is not"],
  ],
  unit: "",
  number: false,
  first: { type: "connection", operator: "is", target: "established" },
};
/** A kind of its own: its target has parts. */
const JSON_VALUE: AssertionKind = {
  type: "body",
  label: "Value in JSON",
  operators: [],
  unit: "",
  number: false,
  first: {
    type: "body",
    operator: "validatesJSONPath",
    target: { jsonPath: "$.", operator: "is", targetValue: "", elementsOperator: "firstElementMatches" },
  },
};

export const ASSERTIONS: Record<Subtype, AssertionKind[]> = {
  http: [STATUS, TIME, BODY, JSON_VALUE, HEADER],
  tcp: [TIME, CONNECTION],
  ssl: [CERTIFICATE, ISSUED, TLS, TIME],
};

/** The parts of a condition on a value in JSON; null for every other. */
export const jsonTarget = ({ target }: Assertion): JsonTarget | null =>
  typeof target === "object" && typeof target.jsonPath === "string" ? target : null;

function lacksValue(assertion: Assertion): boolean {
  const json = jsonTarget(assertion);
  if (json) return json.jsonPath.trim() === "" || (!needsNoValue(json.operator) && (json.targetValue ?? "") === "");
  const { target, operator } = assertion;
  return !needsNoValue(operator) && (target === "" || target === undefined || Number.isNaN(target));
}

export function freshTest(subtype: Subtype): SyntheticTest {
  const request = {
    http: { method: "GET", url: "", timeout: 30 },
    tcp: { host: "", port: 443, timeout: 30 },
    ssl: { host: "", port: 443, timeout: 30 },
  }[subtype];
  const assertions = { http: [STATUS.first, TIME.first], tcp: [TIME.first], ssl: [CERTIFICATE.first] }[subtype];
  return {
    name: "",
    type: "api",
    subtype,
    status: "live",
    message: "",
    tags: [],
    locations: [],
    config: { request, assertions },
    options: { tick_every: 60, retry: { count: 1, interval: 300 } },
  };
}

/** Another type keeps the words and the schedule, and the host where there is one. */
export function withSubtype(test: SyntheticTest, subtype: Subtype): SyntheticTest {
  const fresh = freshTest(subtype);
  const host = test.config.request.host ?? hostOf(test.config.request.url ?? "");
  const request =
    subtype === "http"
      ? { ...fresh.config.request, url: host ? `https://${host}/` : "" }
      : { ...fresh.config.request, host };
  return { ...test, subtype, config: { ...fresh.config, request } };
}

function hostOf(url: string): string {
  try {
    return new URL(url).hostname;
  } catch {
    return "";
  }
}

export function testProblem({ name, subtype, config: { request, assertions } }: SyntheticTest): string | null {
  if (subtype === "http" && !/^https?:\/\/./.test(request.url ?? ""))
    return "Name a URL that begins with http:// or https://.";
  if (subtype !== "http" && (request.host ?? "").trim() === "") return "Name a host.";
  const port = Number(request.port);
  if (subtype !== "http" && !(port >= 1 && port <= 65_535)) return "A port is a number from 1 to 65535.";
  if (name.trim() === "") return "Give it a name.";
  if (assertions.some(lacksValue)) return "Each condition needs a value.";
  return null;
}

/** `X-Team: shop`, one a line. */
export function readHeaders(text: string): Record<string, string> {
  const pairs = text.split("\n").flatMap((line): [string, string][] => {
    const at = line.indexOf(":");
    return at > 0 ? [[line.slice(0, at).trim(), line.slice(at + 1).trim()]] : [];
  });
  return Object.fromEntries(pairs);
}

export const headersText = (headers: Record<string, string> | undefined) =>
  Object.entries(headers ?? {})
    .map(([name, value]) => `${name}: ${value}`)
    .join("\n");

type Flag = "follow_redirects" | "allow_insecure";

/** A flag of the request; older documents have it among the options. */
export const flagOf = ({ config, options }: SyntheticTest, name: Flag): boolean | undefined =>
  config.request[name] ?? options[name];

/** The flag in the one place that counts. */
export function withFlag({ config, options }: SyntheticTest, name: Flag, value: boolean): Partial<SyntheticTest> {
  const { [name]: _, ...rest } = options;
  return { config: { ...config, request: { ...config.request, [name]: value } }, options: rest as typeof options };
}
