// The filter as rows of field, operator and value.
import { ActionIcon, Autocomplete, Button, SegmentedControl, Select } from '@mantine/core';
import clsx from 'clsx';
import { useMemo, useState } from 'react';
import { useKeysLike, useKeyValues } from '../../api/runs.ts';
import { Icon } from '../../ui/icons.tsx';
import { columnOf, type RunKeys } from '../table/columns.ts';
import css from './filter-form.module.css';
import { parseRows } from './filter-reader.ts';
import { type FilterRow, type FilterRows, hasValue, isTime, type Join, operatorsOf, printRows, shownAs } from './filter-rows.ts';

const EMPTY: FilterRow = { field: '', operator: '=', value: '' };

const ATTRIBUTES = ['status', 'run_name', 'start_time', 'end_time', 'duration', 'user_id', 'run_id'].map((key) => `attributes.${key}`);

const TIMES = ['now() - 1h', 'now() - 1d', 'now() - 7d', 'now() - 30d'];

/** What was chosen stays where it makes sense of the new field too. */
const operatorFor = (field: string, { field: before, operator }: FilterRow) =>
  before !== '' && operatorsOf(field).includes(operator) ? operator : operatorsOf(field)[0]!;

export type Props = { team: string; experimentIds: string[] | null; keys: RunKeys | undefined; value: string; apply: (filter: string) => void };

export function Form({ team, experimentIds, keys: first, value, apply }: Props) {
  const [searched, setSearched] = useState('');
  const keys = useKeysLike(team, experimentIds, first, searched);
  const read = useMemo(() => parseRows(value), [value]);
  const [form, setForm] = useState<FilterRows>(() => (read && read.rows.length > 0 ? read : { join: 'AND', rows: [EMPTY] }));
  const fields = useMemo(() => {
    const group = (name: string, ids: string[]) => ({ group: name, items: ids.map((id) => ({ value: id, label: columnOf(id).title })) });
    const used = form.rows.map(({ field }) => field).filter(Boolean);
    const of = (kind: 'metrics' | 'params' | 'tags', title: string) => {
      const known = (keys?.[kind] ?? []).map(({ key }) => `${kind}.${key}`);
      return group(title, [...new Set([...known, ...used.filter((id) => id.startsWith(`${kind}.`))])]);
    };
    return [of('metrics', 'Metrics'), of('params', 'Params'), of('tags', 'Tags'), group('Attributes', ATTRIBUTES)].filter(
      ({ items }) => items.length > 0,
    );
  }, [keys, form.rows]);
  const set = (index: number, change: Partial<FilterRow>) =>
    setForm({ ...form, rows: form.rows.map((row, at) => (at === index ? { ...row, ...change } : row)) });
  const text = printRows(form);
  return (
    <form
      className={css.builder}
      aria-label="Filter"
      onSubmit={(event) => {
        event.preventDefault();
        apply(text);
      }}
    >
      {!read && <p className={css.note}>The filter typed is more than this form can show. What you build here replaces it.</p>}
      <div className={css.join}>
        <span>Runs that match</span>
        <SegmentedControl
          aria-label="How conditions are joined"
          value={form.join}
          onChange={(join) => setForm({ ...form, join: join as Join })}
          data={[
            { value: 'AND', label: 'all of' },
            { value: 'OR', label: 'any of' },
          ]}
        />
      </div>
      {form.rows.map((row, index) => (
        <div key={index} className={css.row}>
          <Select
            aria-label={`Field ${index + 1}`}
            placeholder="Field"
            searchable
            data={fields}
            value={row.field || null}
            maxDropdownHeight={260}
            limit={100}
            onSearchChange={setSearched}
            comboboxProps={{ withinPortal: false }}
            nothingFoundMessage="Nothing by that name"
            onChange={(field) => field && set(index, { field, operator: operatorFor(field, row) })}
          />
          <Select
            aria-label={`Operator ${index + 1}`}
            allowDeselect={false}
            data={operatorsOf(row.field)}
            value={row.operator}
            comboboxProps={{ withinPortal: false, width: 130 }}
            onChange={(operator) => operator && set(index, { operator })}
          />
          {hasValue(row.operator) ? (
            <Value {...{ team, experimentIds, row }} label={`Value ${index + 1}`} change={(next) => set(index, { value: next })} />
          ) : (
            <span />
          )}
          <ActionIcon
            aria-label={`Remove condition ${index + 1}`}
            onClick={() => setForm({ ...form, rows: form.rows.filter((_, at) => at !== index) })}
          >
            <Icon name="close" size={12} />
          </ActionIcon>
        </div>
      ))}
      <Button
        variant="subtle"
        size="compact-xs"
        leftSection={<Icon name="plus" size={12} />}
        onClick={() => setForm({ ...form, rows: [...form.rows, EMPTY] })}
      >
        Condition
      </Button>
      <output className={clsx(css.text, 'mono')}>{text || 'All runs'}</output>
      <footer>
        <Button type="submit">Apply</Button>
        <Button variant="default" onClick={() => apply('')}>
          Clear
        </Button>
      </footer>
    </form>
  );
}

type ValueProps = Pick<Props, 'team' | 'experimentIds'> & { row: FilterRow; label: string; change: (value: string) => void };

function Value({ team, experimentIds, row, label, change }: ValueProps) {
  const values = useKeyValues(team, experimentIds, row.field, row.value);
  return (
    <Autocomplete
      aria-label={label}
      placeholder={row.operator.endsWith('IN') ? 'a, b, c' : isTime(row.field) ? 'now() - 7d' : 'Value'}
      data={isTime(row.field) ? TIMES : values.map((value) => shownAs(value, row.operator))}
      value={row.value}
      limit={30}
      maxDropdownHeight={220}
      comboboxProps={{ withinPortal: false }}
      onChange={change}
    />
  );
}
