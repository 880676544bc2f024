import { useState, type FormEvent } from "react";
import { useSaveChannel, type Channel, type ChannelField, type Setting } from "../api/channels";
import { Button } from "../ui/Button";
import { Dialog } from "../ui/Dialog";
import { toast } from "../ui/toast";
import { handleOf, isName, isSecret, KINDS, missing, settingsOf, shownSetting, typeOf } from "./kinds";

interface Props {
  channel: Channel;
  fields: ChannelField[];
  onClose: () => void;
}

/** Settings of one channel. Secrets are asked for once; an empty field keeps the one that is there. */
export function ChannelDialog({ channel, fields, onClose }: Props) {
  const { title, text } = KINDS[channel.kind];
  const save = useSaveChannel();
  const [name, setName] = useState(channel.name);
  const [typed, setTyped] = useState(() =>
    Object.fromEntries(fields.map((field) => [field.name, shownSetting(channel.settings[field.name])])),
  );
  const absent = missing(fields, typed, channel.settings);
  const isNew = channel.id === undefined;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const body = { id: channel.id, kind: channel.kind, name: name.trim(), settings: settingsOf(fields, typed) };
    save.mutate(body, { onSuccess: () => (toast("Saved"), onClose()) });
  };
  return (
    <Dialog open onClose={onClose} title={isNew ? `${title}: new channel` : `${title}: ${channel.name}`}>
      <form className="stack" onSubmit={submit}>
        <p className="dim">{text}</p>
        <label className="field">
          <span>
            Name <span className="hint">messages say {handleOf(channel.kind, name || "name")}</span>
          </span>
          <input
            autoFocus={isNew}
            required
            value={name}
            placeholder="ops"
            aria-invalid={name !== "" && !isName(name)}
            // A webhook's name is its id.
            disabled={!isNew && channel.kind === "webhook"}
            onChange={(event) => setName(event.target.value)}
          />
        </label>
        {name !== "" && !isName(name) && (
          <p className="form-error">A name has letters, digits, dots, dashes and underscores: it ends a handle.</p>
        )}
        {fields.map((field) => (
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
          <Button type="submit" tone="primary" busy={save.isPending} disabled={!isName(name) || absent.length > 0}>
            Save
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

interface InputProps {
  field: ChannelField;
  kept: Setting | undefined;
  value: string;
  onChange: (value: string) => void;
}

function SettingInput({ field, kept, value, onChange }: InputProps) {
  const { label, hint, is_required, is_secret, name } = field;
  const type = typeOf(field);
  const there = isSecret(kept) && kept.set;
  return (
    <label className="field">
      <span>
        {label} {!is_required && <span className="hint">optional</span>}
      </span>
      {type === "long" && (
        <textarea rows={4} value={value} placeholder={hint} onChange={(event) => onChange(event.target.value)} />
      )}
      {Array.isArray(type) && (
        <select value={value || type[0][0]} onChange={(event) => onChange(event.target.value)}>
          {type.map(([option, said]) => (
            <option key={option} value={option}>
              {said}
            </option>
          ))}
        </select>
      )}
      {type === "line" && (
        <input
          type={is_secret ? "password" : "text"}
          autoComplete={is_secret ? "new-password" : "off"}
          name={name}
          value={value}
          placeholder={there ? "kept; type to replace it" : hint}
          onChange={(event) => onChange(event.target.value)}
        />
      )}
    </label>
  );
}
