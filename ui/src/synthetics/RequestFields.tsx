import { useState } from "react";
import type { SyntheticTest } from "../api/synthetics";
import { headersText, readHeaders, flagOf, withFlag } from "./form";

interface Props {
  test: SyntheticTest;
  onChange: (part: Partial<SyntheticTest>) => void;
}

const METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"];
const WITH_BODY = new Set(["POST", "PUT", "PATCH", "DELETE"]);

export function RequestFields({ test, onChange }: Props) {
  return (
    <fieldset className="plain-set">
      <legend>What is asked</legend>
      {test.subtype === "http" ? <Http test={test} onChange={onChange} /> : <Address test={test} onChange={onChange} />}
    </fieldset>
  );
}

function useRequest({ test, onChange }: Props) {
  const { request } = test.config;
  const set = (part: Partial<typeof request>) =>
    onChange({ config: { ...test.config, request: { ...request, ...part } } });
  return { request, set };
}

function Http(props: Props) {
  const { request, set } = useRequest(props);
  const { test, onChange } = props;
  const [headers, setHeaders] = useState(() => headersText(request.headers));
  return (
    <>
      <div className="editor-row">
        <label className="field method">
          <span>Method</span>
          <select value={request.method ?? "GET"} onChange={(event) => set({ method: event.target.value })}>
            {METHODS.map((method) => (
              <option key={method}>{method}</option>
            ))}
          </select>
        </label>
        <label className="field grow">
          <span>URL</span>
          <input
            autoFocus
            className="mono"
            value={request.url ?? ""}
            placeholder="https://shop.example.com/health"
            onChange={(event) => set({ url: event.target.value })}
          />
        </label>
      </div>
      <label className="field">
        <span>
          Headers <span className="hint">one a line</span>
        </span>
        <textarea
          rows={2}
          value={headers}
          placeholder="Accept: application/json"
          onChange={(event) => {
            setHeaders(event.target.value);
            set({ headers: readHeaders(event.target.value) });
          }}
        />
      </label>
      {WITH_BODY.has(request.method ?? "GET") && (
        <label className="field">
          <span>Body</span>
          <textarea rows={3} value={request.body ?? ""} onChange={(event) => set({ body: event.target.value })} />
        </label>
      )}
      <div className="editor-row">
        <Timeout {...props} />
        <label className="tick">
          <input
            type="checkbox"
            checked={flagOf(test, "follow_redirects") ?? true}
            onChange={(event) => onChange(withFlag(test, "follow_redirects", event.target.checked))}
          />{" "}
          Follow redirects
        </label>
        <label className="tick">
          <input
            type="checkbox"
            checked={flagOf(test, "allow_insecure") ?? false}
            onChange={(event) => onChange(withFlag(test, "allow_insecure", event.target.checked))}
          />{" "}
          Any certificate will do
        </label>
      </div>
    </>
  );
}

function Address(props: Props) {
  const { request, set } = useRequest(props);
  const { test, onChange } = props;
  return (
    <>
      <div className="editor-row">
        <label className="field grow">
          <span>Host</span>
          <input
            autoFocus
            className="mono"
            value={request.host ?? ""}
            placeholder="shop.example.com"
            onChange={(event) => set({ host: event.target.value })}
          />
        </label>
        <label className="field small">
          <span>Port</span>
          <input
            type="number"
            min={1}
            max={65535}
            value={request.port ?? ""}
            onChange={(event) => set({ port: Number(event.target.value) })}
          />
        </label>
        <Timeout {...props} />
      </div>
      {test.subtype === "ssl" && (
        <label className="tick">
          <input
            type="checkbox"
            checked={test.options.accept_self_signed ?? false}
            onChange={(event) => onChange({ options: { ...test.options, accept_self_signed: event.target.checked } })}
          />{" "}
          A self-signed certificate will do
        </label>
      )}
    </>
  );
}

function Timeout(props: Props) {
  const { request, set } = useRequest(props);
  return (
    <label className="field small">
      <span>Gives up after, s</span>
      <input
        type="number"
        min={1}
        max={60}
        value={request.timeout ?? 30}
        onChange={(event) => set({ timeout: Number(event.target.value) })}
      />
    </label>
  );
}
