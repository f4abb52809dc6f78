// The registered models of a team: newest version, aliases, and the champion with its metrics.
import { Button, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query';
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
import { Icon } from '../ui/icons.tsx';
import { LoadMore } from '../ui/load-more.tsx';
import pageCss from '../ui/page.module.css';
import { useKeys } from '../ui/shortcuts.ts';
import { ListTable } from '../ui/tables/list-table.tsx';
import { Snippet } from '../ui/tables/values.tsx';
import { NewModel } from './changes/new-model.tsx';
import { ModelRow } from './model-row.tsx';

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
        <h1 className={pageCss.roomTitle}>Models</h1>
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
            New<span className={pageCss.wide}>&nbsp;model</span>
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
              <ListTable label="Models" columns={['Name', 'Newest', 'Aliases', 'Champion', 'Its metrics', 'Tags', 'Changed']}>
                {rows.map((model) => (
                  <ModelRow key={model.id} model={model} />
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
