// What a deletion for good frees, as a list.
import usageCss from '../people/usage.module.css';

export const Freed = ({ rows }: { rows: readonly (readonly [string, string])[] }) => (
  <dl className={usageCss.usage}>
    {rows.map(([name, value]) => (
      <div key={name}>
        <dt>{name}</dt>
        <dd className="mono">{value}</dd>
      </div>
    ))}
  </dl>
);
