import { Link } from "react-router";
import type { Neighbour } from "../api/services";
import { formatCount } from "../format/units";
import { ErrorRate, msText } from "./figures";

interface Props {
  up: Neighbour[];
  down: Neighbour[];
  link: (service: string) => string;
  mapTo: string;
}

/** Who calls this service, and whom it calls, busiest first. */
export function Neighbours({ up, down, link, mapTo }: Props) {
  return (
    <section className="card" aria-label="Dependencies">
      <header className="card-head">
        <h2 className="grow">Dependencies</h2>
        <Link to={mapTo}>On the map</Link>
      </header>
      <Side title="Called by" none="No other service was seen to call it." list={up} link={link} />
      <Side title="Calls" none="It was seen to call no other service." list={down} link={link} />
    </section>
  );
}

function Side({ title, none, list, link }: { title: string; none: string; list: Neighbour[]; link: Props["link"] }) {
  return (
    <>
      <h3 className="side-title">{title}</h3>
      {list.length === 0 && <p className="dim">{none}</p>}
      {list.length > 0 && (
        <table className="table tight" aria-label={title}>
          <thead>
            <tr>
              <th>Service</th>
              <th className="num">Requests</th>
              <th className="num">Error rate</th>
              <th className="num">p95</th>
            </tr>
          </thead>
          <tbody>
            {[...list]
              .sort((a, b) => b.hits - a.hits)
              .map(({ service, hits, errors, p95_ms }) => (
                <tr key={service}>
                  <td>
                    <Link to={link(service)}>{service}</Link>
                  </td>
                  <td className="num">{formatCount(hits)}</td>
                  <td className="num">
                    <ErrorRate share={hits > 0 ? errors / hits : 0} errors={errors} />
                  </td>
                  <td className="num">{msText(p95_ms)}</td>
                </tr>
              ))}
          </tbody>
        </table>
      )}
    </>
  );
}
