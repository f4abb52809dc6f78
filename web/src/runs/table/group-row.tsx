// A row of the table of groups. Opening it filters by what its runs share.
import type { RunGroupsQuery } from '../../api/documents.gen.ts';
import { equalsText } from '../../api/filter-text.ts';
import type { Stroke } from '../../charts/slots.ts';
import { Swatch } from '../../charts/swatch.tsx';
import { count } from '../../format.ts';
import { patchQuery, to } from '../../router.ts';
import { useTeam } from '../../shell/team.ts';
import buttonsCss from '../../ui/buttons.module.css';
import { Num } from '../../ui/tables/values.tsx';
import css from './group-table.module.css';

type Group = NonNullable<RunGroupsQuery['team']>['runGroups']['nodes'][number];
type Props = { group: Group; by: string[]; filter: string; look: Stroke | undefined };

export function GroupRow({ group, by, filter, look }: Props) {
  const team = useTeam();
  const open = () => {
    const own = group.by.map(({ value }, at) => equalsText(by[at]!, value));
    patchQuery({ filter: [filter ? `(${filter})` : '', ...own].filter(Boolean).join(' AND '), group: null, gsort: null });
  };
  return (
    <tr>
      {group.by.map(({ name, value }, at) => (
        <td key={name}>
          {at === 0 && look && (
            <>
              <Swatch {...look} />{' '}
            </>
          )}
          {at === 0 ? (
            <button type="button" className={buttonsCss.link} title="Show its runs" onClick={open}>
              {value ?? 'none'}
            </button>
          ) : (
            (value ?? <span className="absent">none</span>)
          )}
        </td>
      ))}
      <td className="numeric mono">{count(group.runCount)}</td>
      {group.measures.map(({ value, run }, at) => (
        <td key={at} className="numeric">
          {run && (
            <a className={css.groupRun} href={to('t', team.slug, 'runs', run.runId)}>
              {run.name}
            </a>
          )}
          <Num value={value} />
        </td>
      ))}
    </tr>
  );
}
