import { useState, type FormEvent } from "react";
import { useSaveChannel, type Channel, type Setting } from "../api/channels";
import { Button } from "../ui/Button";
import { Dialog } from "../ui/Dialog";
import { toast } from "../ui/toast";
import { handleOf, isSecret, kindOf, missing, settingsOf, shownSetting, type SettingField } from "./kinds";

/** Settings of one channel. Secrets are asked for once; an empty field keeps the one that is there. */
export function ChannelDialog({ channel, onClose }: { channel: Channel; onClose: () => void }) {
  const kind = kindOf(channel.kind);
  const save = useSaveChannel();
  const [name, setName] = useState(channel.name);
  const [typed, setTyped] = useState(() =>
    Object.fromEntries(kind.fields.map((field) => [field.name, shownSetting(channel.settings[field.name])])),
  );
  const absent = missing(kind, typed, channel.settings);
  const isNew = channel.id === undefined;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const body = { id: channel.id, kind: channel.kind, name: name.trim(), settings: settingsOf(kind, typed) };
    save.mutate(body, { onSuccess: () => (toast("Saved"), onClose()) });
  };
  return (
    <Dialog open onClose={onClose} title={isNew ? `${kind.title}: new channel` : `${kind.title}: ${channel.name}`}>
      <form className="stack" onSubmit={submit}>
        <p className="dim">{kind.text}</p>
        <label className="field">
          <span>
            Name <span className="hint">messages say {channel.handle ?? handleOf(channel.kind, name || "name")}</span>
          </span>
          <input
            autoFocus={isNew}
            required
            value={name}
            placeholder="ops"
            onChange={(event) => setName(event.target.value)}
          />
        </label>
        {kind.fields.map((field) => (
          <SettingInput
            key={field.name}
            field={field}
            kept={channel.settings[field.name]}
            value={typed[field.name] ?? ""}
            onChange={(value) => setTyped({ ...typed, [field.name]: value })}
          />
        ))}
        {save.isError && (
          <p className="form-error" role="alert">
            {save.error.message}
          </p>
        )}
        <div className="actions">
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" tone="primary" busy={save.isPending} disabled={name.trim() === "" || absent.length > 0}>
            Save
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

interface InputProps {
  field: SettingField;
  kept: Setting | undefined;
  value: string;
  onChange: (value: string) => void;
}

function SettingInput({ field, kept, value, onChange }: InputProps) {
  const { label, type, hint, placeholder, options, name } = field;
  const there = isSecret(kept) && kept.set;
  return (
    <label className="field">
      <span>
        {label} {hint && <span className="hint">{hint}</span>}
      </span>
      {type === "long" && (
        <textarea rows={4} value={value} placeholder={placeholder} onChange={(event) => onChange(event.target.value)} />
      )}
      {type === "choice" && (
        <select value={value || options?.[0]?.[0]} onChange={(event) => onChange(event.target.value)}>
          {(options ?? []).map(([option, said]) => (
            <option key={option} value={option}>
              {said}
            </option>
          ))}
        </select>
      )}
      {(type === "text" || type === "list" || type === "secret") && (
        <input
          type={type === "secret" ? "password" : "text"}
          autoComplete={type === "secret" ? "new-password" : "off"}
          name={name}
          value={value}
          placeholder={there ? "kept; type to replace it" : placeholder}
          onChange={(event) => onChange(event.target.value)}
        />
      )}
    </label>
  );
}
