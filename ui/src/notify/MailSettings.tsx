import { useQuery } from "@tanstack/react-query";
import { useState, type FormEvent } from "react";
import { mail, useSaveMail, useTestMail, type Mail } from "../api/channels";
import { Button } from "../ui/Button";
import { Failed, SkeletonRows } from "../ui/States";
import { toast } from "../ui/toast";
import { isSecret } from "./kinds";
import { Outcome } from "./Outcome";

const PORTS = { none: 25, starttls: 587, tls: 465 };

/** The mail server that notices go through. */
export function MailSettings() {
  const answer = useQuery(mail);
  return (
    <section className="card" aria-label="Mail">
      <div className="card-head">
        <h2 className="grow">Mail</h2>
      </div>
      {answer.isPending && <SkeletonRows rows={3} />}
      {answer.isError && !answer.data && (
        <Failed error={answer.error} retry={() => void answer.refetch()} what="The mail settings cannot be read" />
      )}
      {answer.data && <Form key={JSON.stringify(answer.data)} kept={answer.data} />}
    </section>
  );
}

function Form({ kept }: { kept: Partial<Mail> }) {
  const save = useSaveMail();
  const [form, setForm] = useState({
    host: kept.host ?? "",
    port: kept.port ?? 587,
    tls: kept.tls ?? ("starttls" as const),
    user: kept.user ?? "",
    password: "",
    from: kept.from ?? "",
    reply_to: kept.reply_to ?? "",
    ca: kept.ca ?? "",
  });
  const set = (part: Partial<typeof form>) => setForm((before) => ({ ...before, ...part }));
  const there = isSecret(kept.password) && kept.password.set;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const { password, ...rest } = form;
    // An empty field keeps the password that is there.
    const body = password === "" ? (rest as Mail) : { ...rest, password };
    save.mutate(body, { onSuccess: () => toast("Mail settings saved") });
  };
  return (
    <>
      <form className="stack" onSubmit={submit}>
        <div className="mail-grid">
          <label className="field">
            <span>SMTP server</span>
            <input
              value={form.host}
              placeholder="smtp.example.com"
              onChange={(event) => set({ host: event.target.value })}
            />
          </label>
          <label className="field">
            <span>Port</span>
            <input
              type="number"
              min={1}
              max={65535}
              value={form.port}
              onChange={(event) => set({ port: Number(event.target.value) })}
            />
          </label>
          <label className="field">
            <span>Encryption</span>
            <select
              value={form.tls}
              onChange={(event) => {
                const tls = event.target.value as Mail["tls"];
                set({ tls, port: Object.values(PORTS).includes(form.port) ? PORTS[tls] : form.port });
              }}
            >
              <option value="starttls">STARTTLS</option>
              <option value="tls">TLS</option>
              <option value="none">none</option>
            </select>
          </label>
          <label className="field">
            <span>
              User <span className="hint">empty: no login</span>
            </span>
            <input autoComplete="off" value={form.user} onChange={(event) => set({ user: event.target.value })} />
          </label>
          <label className="field">
            <span>Password</span>
            <input
              type="password"
              autoComplete="new-password"
              placeholder={there ? "kept; type to replace it" : ""}
              value={form.password}
              onChange={(event) => set({ password: event.target.value })}
            />
          </label>
          <label className="field">
            <span>From</span>
            <input
              value={form.from}
              placeholder="oriel@example.com"
              onChange={(event) => set({ from: event.target.value })}
            />
          </label>
          <label className="field">
            <span>
              Answers go to <span className="hint">empty: the sender</span>
            </span>
            <input value={form.reply_to} onChange={(event) => set({ reply_to: event.target.value })} />
          </label>
        </div>
        {form.tls !== "none" && (
          <details className="mail-ca" open={form.ca !== ""}>
            <summary>A certificate authority of your own</summary>
            <textarea
              className="input"
              rows={4}
              aria-label="Certificate authority, PEM"
              placeholder="-----BEGIN CERTIFICATE-----"
              value={form.ca}
              onChange={(event) => set({ ca: event.target.value })}
            />
          </details>
        )}
        {save.isError && (
          <p className="form-error" role="alert">
            {save.error.message}
          </p>
        )}
        <div className="actions">
          <Button
            type="submit"
            tone="primary"
            busy={save.isPending}
            disabled={form.host.trim() === "" || form.from.trim() === ""}
          >
            Save
          </Button>
        </div>
      </form>
      <TestMail ready={(kept.host ?? "") !== ""} />
    </>
  );
}

function TestMail({ ready }: { ready: boolean }) {
  const test = useTestMail();
  const [to, setTo] = useState("");
  const submit = (event: FormEvent) => {
    event.preventDefault();
    test.mutate(to.trim());
  };
  return (
    <form className="mail-test" onSubmit={submit}>
      <input
        className="input"
        type="email"
        aria-label="Send a test to"
        placeholder="you@example.com"
        value={to}
        onChange={(event) => setTo(event.target.value)}
      />
      <Button type="submit" busy={test.isPending} disabled={!ready || to.trim() === ""}>
        Send a test
      </Button>
      <Outcome data={test.data} error={test.error} />
      {!ready && <span className="dim">Save the server first.</span>}
    </form>
  );
}
