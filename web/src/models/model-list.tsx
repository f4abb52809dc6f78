// The registered models of a team: newest version, aliases, and the champion with its metrics.
import { Button, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query';
import clsx from 'clsx';
import { useEffect, useRef, useState } from 'react';
import { ModelsDocument } from '../api/documents.gen.ts';
import { containsText } from '../api/filter-text.ts';
import { nextCursor } from '../api/pages.ts';
import { queryKeys } from '../api/query-keys.ts';
import { ask } from '../api/session.ts';
import { plural } from '../format.ts';
import { to, useParam } from '../router.ts';
import { useCan, useTeam } from '../shell/team.ts';
import { Empty, Loaded } from '../ui/feedback/states.tsx';
import flagCss from '../ui/flag.module.css';
import { Icon } from '../ui/icons.tsx';
import { LoadMore } from '../ui/load-more.tsx';
import pageCss from '../ui/page.module.css';
import { useKeys } from '../ui/shortcuts.ts';
import listTableCss from '../ui/tables/list-table.module.css';
import { ListTable } from '../ui/tables/list-table.tsx';
import { Ago, Num, Snippet } from '../ui/tables/values.tsx';
import { NewModel } from './changes/new-model.tsx';

const REGISTER = `mlflow.sklearn.log_model(model, name="model", registered_model_name="taxi-duration")`;

export function ModelsRoom() {
  const team = useTeam();
  const mayMake = useCan('model:write');
  const [search, setSearch] = useParam('search');
  const [settled] = useDebouncedValue(search.trim(), 200);
  const [making, setMaking] = useState(false);
  const field = useRef<HTMLInputElement>(null);
  useKeys({ '/': () => field.current?.focus() });
  useEffect(() => {
    document.title = 'Models · Runledger';
  }, []);
  const models = useInfiniteQuery({
    queryKey: queryKeys.modelList(team.slug, settled),
    initialPageParam: null as string | null,
    placeholderData: keepPreviousData,
    queryFn: async ({ pageParam, signal }) =>
      (await ask(ModelsDocument, { team: team.slug, filter: settled ? containsText('name', settled) : null, after: pageParam }, signal)).team!
        .registeredModels,
    getNextPageParam: nextCursor,
  });
  return (
    <div className={pageCss.page}>
      <div className={pageCss.bar}>
        <h1>Models</h1>
        {models.data && <span className="dim">{plural(models.data.pages[0]?.totalCount ?? 0, 'model')}</span>}
        <span className="grow" />
        <a href={to('t', team.slug, 'requests')}>Requests</a>
        <TextInput
          ref={field}
          placeholder="Find by name"
          aria-label="Find by name"
          leftSection={<Icon name="search" size={13} />}
          value={search}
          onChange={(event) => setSearch(event.currentTarget.value, { replace: true })}
        />
        {mayMake && (
          <Button leftSection={<Icon name="plus" size={13} />} onClick={() => setMaking(true)}>
            New model
          </Button>
        )}
      </div>
      <Loaded of={models}>
        {({ pages }) => {
          const rows = pages.flatMap(({ nodes }) => nodes);
          if (rows.length === 0) {
            return settled ? (
              <Empty title={`No model is called “${settled}”`} />
            ) : (
              <Empty title="No models yet">
                <p>Register one when logging it:</p>
                <Snippet code={REGISTER} label="the line that registers a model" />
              </Empty>
            );
          }
          return (
            <>
              <ListTable label="Models" columns={['Name', 'Newest', 'Aliases', 'Champion', 'Its metrics', 'Changed']}>
                {rows.map((model) => (
                  <tr key={model.id}>
                    <td>
                      <a className="strong" href={to('t', team.slug, 'models', model.name)}>
                        {model.name}
                      </a>
                      {model.description && <span className={listTableCss.listNote}>{model.description.split('\n')[0]}</span>}
                    </td>
                    <td>
                      {model.newest ? (
                        <a className="mono" href={to('t', team.slug, 'models', model.name, 'versions', model.newest.version)}>
                          v{model.newest.version}
                        </a>
                      ) : (
                        <span className="absent">–</span>
                      )}
                    </td>
                    <td>
                      {model.aliases.map(({ alias, version }) => (
                        <a
                          key={alias}
                          className={clsx(flagCss.flag, flagCss.accent)}
                          href={to('t', team.slug, 'models', model.name, 'versions', version)}
                        >
                          @{alias} <span className="mono">v{version}</span>
                        </a>
                      ))}
                    </td>
                    <td>
                      {model.champion ? (
                        <a href={to('t', team.slug, 'models', model.name, 'versions', model.champion.version)}>
                          <span className="mono">v{model.champion.version}</span>
                        </a>
                      ) : (
                        <span className="absent">–</span>
                      )}
                      {model.champion && (
                        <span className="dim">
                          {' '}
                          <Ago when={model.champion.createdAt} />
                        </span>
                      )}
                    </td>
                    <td>
                      {model.champion?.run?.metrics
                        .filter(({ key }) => !key.startsWith('system/'))
                        .slice(0, 3)
                        .map(({ key, last }) => (
                          <span key={key} className={listTableCss.measure}>
                            <span className="dim">{key}</span> <Num value={last} />
                          </span>
                        ))}
                    </td>
                    <td>
                      <Ago when={model.updatedAt} />
                    </td>
                  </tr>
                ))}
              </ListTable>
              <LoadMore of={models} />
            </>
          );
        }}
      </Loaded>
      {making && <NewModel close={() => setMaking(false)} />}
    </div>
  );
}
