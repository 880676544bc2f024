import { END_STATES, END_TYPES, type DowntimeForm } from "./form";

interface Props {
  form: DowntimeForm;
  onChange: (part: Partial<DowntimeForm>) => void;
}

/** What is told once it ends. */
export function EndFields({ form, onChange }: Props) {
  const { endStates, endTypes } = form;
  return (
    <fieldset className="plain-set">
      <legend>When it is over</legend>
      <div className="sentence" role="group" aria-label="Tell again of what is still">
        Tell again of what is still
        <Ticks words={END_STATES} on={endStates} onChange={(all) => onChange({ endStates: all })} />
      </div>
      <div className="sentence" role="group" aria-label="Tell again when">
        when
        <Ticks words={END_TYPES} on={endTypes} onChange={(all) => onChange({ endTypes: all })} />
      </div>
      {(endStates.length === 0 || endTypes.length === 0) && (
        <p className="dim">Nothing is told at its end: what fired during it and goes on firing stays silent.</p>
      )}
      <label className="tick">
        <input
          type="checkbox"
          checked={form.muteFirstRecovery}
          onChange={(event) => onChange({ muteFirstRecovery: event.target.checked })}
        />{" "}
        Keep quiet about the first recovery after it, too
      </label>
    </fieldset>
  );
}

function Ticks({
  words,
  on,
  onChange,
}: {
  words: readonly (readonly [string, string])[];
  on: string[];
  onChange: (on: string[]) => void;
}) {
  return words.map(([word, text]) => (
    <label key={word} className="tick">
      <input
        type="checkbox"
        checked={on.includes(word)}
        onChange={({ target }) => onChange(target.checked ? [...on, word] : on.filter((each) => each !== word))}
      />
      {text}
    </label>
  ));
}
