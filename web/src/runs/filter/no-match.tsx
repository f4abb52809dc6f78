// What stands in the table's place where the filter leaves no run: why, and what may have been meant.
import { Button } from '@mantine/core';
import { fieldText, quoteText } from '../../api/filter-text.ts';
import { areWhole, useKeyValues, useRunKeys } from '../../api/runs.ts';
import type { TableAsk } from '../../api/table.ts';
import { plural, short } from '../../format.ts';
import buttonsCss from '../../ui/buttons.module.css';
import { Empty } from '../../ui/feedback/states.tsx';
import { type Condition, useConditions } from './conditions.ts';
import { alike, fieldOf, unknownNames } from './fields.ts';
import css from './no-match.module.css';

type Props = { asked: TableAsk; apply: (filter: string) => void };

export function NoMatch({ asked, apply }: Props) {
  const { team, experimentIds, filter } = asked;
  const keys = useRunKeys(team, experimentIds, true).data;
  const unknown = unknownNames(filter, keys, keys !== undefined && areWhole(keys));
  const conditions = useConditions(asked, keys).data ?? [];
  const told = conditions.filter(({ row }) => !unknown.some(({ text }) => row.field.endsWith(text.replaceAll('`', ''))));
  return (
    <Empty title="No run matches">
      {unknown.map(({ text, start, end, meant }) => (
        <p key={start}>
          No run here has <code>{text}</code>.
          {meant && (
            <>
              {' '}
              Did you mean{' '}
              <button type="button" className={buttonsCss.link} onClick={() => apply(filter.slice(0, start) + meant + filter.slice(end))}>
                {meant}
              </button>
              ?
            </>
          )}
        </p>
      ))}
      {told.length > 0 && (
        <ul className={css.conditions} aria-label="What each condition leaves">
          {told.map((condition) => (
            <Alone key={condition.text} {...{ asked, condition, apply }} field={fieldOf(condition.row.field.replace(/^attributes\./, ''), keys)} />
          ))}
        </ul>
      )}
      {told.length > 1 && unknown.length === 0 && told.every(({ runs }) => runs > 0) && <p>No run satisfies all of them.</p>}
      <Button variant="default" onClick={() => apply('')}>
        Clear the filter
      </Button>
    </Empty>
  );
}

function Alone({ asked, condition: { row, text, runs, nearest }, field, apply }: Props & { condition: Condition; field: string | null }) {
  const equal = runs === 0 && row.operator === '=' && field !== null && !field.startsWith('metrics.');
  const values = useKeyValues(asked.team, asked.experimentIds, equal ? field : null, row.value);
  const value = equal ? alike(row.value, values) : null;
  // Words that nothing compares may be a value.
  const [kind, key = ''] = [row.field.slice(0, row.field.indexOf('.')), row.field.slice(row.field.indexOf('.') + 1)];
  const name = kind === 'params' || kind === 'tags' ? fieldText(kind, key) : key;
  const meant = value !== null && value !== row.value ? `${name} = ${quoteText(value)}` : null;
  return (
    <li>
      <code>{text}</code> <span className={runs === 0 ? css.none : 'dim'}>{runs === 0 ? 'no run' : plural(runs, 'run')}</span>
      {nearest && (
        <>
          {' '}
          The {nearest.word} is <span className="mono">{short(nearest.value)}</span>.
        </>
      )}
      {meant && (
        <>
          {' '}
          Did you mean{' '}
          <button type="button" className={buttonsCss.link} onClick={() => apply(asked.filter === '' ? meant : replaced(asked.filter, text, meant))}>
            {value}
          </button>
          ?
        </>
      )}
    </li>
  );
}

/** Where the condition isn't written as it is printed, what was meant is all that is asked. */
const replaced = (filter: string, text: string, meant: string): string => (filter.includes(text) ? filter.replace(text, () => meant) : meant);
