// ⌘K: experiments, runs, models and people by name, and the commands that work anywhere.
import { Modal } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { type KeyboardEvent, use, useEffect, useId, useMemo, useRef, useState } from 'react';
import { Icon } from '../ui/icons.tsx';
import css from './command-palette.module.css';
import { type Entry, useCommands, useFound, usePeople } from './found-entries.ts';
import { TeamContext } from './team.ts';

export function Palette({ close }: { close: () => void }) {
  const [search, setSearch] = useState('');
  const [at, setAt] = useState(0);
  const [settled] = useDebouncedValue(search.trim(), 150);
  const found = useFound(settled);
  const people = usePeople(use(TeamContext)?.slug, settled);
  const commands = useCommands();
  const list = useId();
  const active = useRef<HTMLLIElement>(null);
  const entries = useMemo(() => {
    const wanted = search.trim().toLowerCase();
    // What is still shown of the search before is narrowed here, so that Enter never takes what no longer fits.
    // Before anything is typed people would only push the commands out of sight.
    return [...found, ...(wanted ? people : []), ...commands].filter(
      ({ id, name, more }) => `${name} ${more ?? ''} ${id}`.toLowerCase().includes(wanted) || /^[0-9a-f]{32}$/.test(wanted),
    );
  }, [found, people, commands, search]);
  const chosen = Math.min(at, Math.max(0, entries.length - 1));
  // biome-ignore lint/correctness/useExhaustiveDependencies: runs when another entry is chosen
  useEffect(() => active.current?.scrollIntoView({ block: 'nearest' }), [chosen]);

  const take = (entry: Entry | undefined) => {
    if (!entry) return;
    close();
    entry.run();
  };
  const key = (event: KeyboardEvent) => {
    if (event.key === 'ArrowDown') setAt(Math.min(chosen + 1, entries.length - 1));
    else if (event.key === 'ArrowUp') setAt(Math.max(chosen - 1, 0));
    else if (event.key === 'Enter') take(entries[chosen]);
    else return;
    event.preventDefault();
  };

  return (
    <Modal opened onClose={close} withCloseButton={false} padding={0} size={560} aria-label="Search and commands">
      <div>
        <div className={css.field}>
          <Icon name="search" />
          <input
            data-autofocus
            role="combobox"
            aria-expanded="true"
            aria-controls={list}
            aria-activedescendant={entries[chosen] ? `${list}-${chosen}` : undefined}
            aria-label="Search and commands"
            placeholder="Experiments, runs, models, people, commands"
            value={search}
            onChange={(event) => {
              setSearch(event.currentTarget.value);
              setAt(0);
            }}
            onKeyDown={key}
          />
        </div>
        <ul className={css.list} id={list} role="listbox" aria-label="Found">
          {entries.map((entry, index) => (
            // biome-ignore lint/a11y/useKeyWithClickEvents: the field above has the keys
            <li
              key={`${entry.kind} ${entry.id}`}
              id={`${list}-${index}`}
              ref={index === chosen ? active : null}
              role="option"
              aria-selected={index === chosen}
              onMouseMove={() => setAt(index)}
              onClick={() => take(entry)}
            >
              <Icon name={entry.icon} size={14} />
              <span className={css.name}>{entry.name}</span>
              {entry.more && <span className="mono dim">{entry.more}</span>}
              <span className="grow" />
              <span className="dim">{entry.kind}</span>
            </li>
          ))}
        </ul>
        {entries.length === 0 && <p className={css.none}>Nothing by that name.</p>}
      </div>
    </Modal>
  );
}
