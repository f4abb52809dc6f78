// The registered models of a team: newest version, aliases, and the champion with its metrics.
import { Button, Modal, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query';
import { type FormEvent, useEffect, useRef, useState } from 'react';
import { CreateRegisteredModelDocument, ModelsDocument } from '../api/documents.gen.ts';
import { ask } from '../api/session.ts';
import { plural } from '../format.ts';
import { useAct } from '../parts/act.ts';
import { Icon } from '../parts/icons.tsx';
import { useKeys } from '../parts/keys.ts';
import { Empty, Loaded } from '../parts/states.tsx';
import { Ago, Num, Snippet } from '../parts/values.tsx';
import { go, to, useParam } from '../router.ts';
import { useCan, useTeam } from '../shell/team.ts';

const REGISTER = `mlflow.sklearn.log_model(model, name="model", registered_model_name="taxi-duration")`;

export function ModelsRoom() {
  const team = useTeam();
  const mayMake = useCan('CONTRIBUTOR');
  const [search, setSearch] = useParam('search');
  const [settled] = useDebouncedValue(search.trim(), 200);
  const [making, setMaking] = useState(false);
  const field = useRef<HTMLInputElement>(null);
  useKeys({ '/': () => field.current?.focus() });
  useEffect(() => {
    document.title = 'Models · Runledger';
  }, []);
  const models = useInfiniteQuery({
    queryKey: ['models', team.slug, settled],
    initialPageParam: null as string | null,
    placeholderData: keepPreviousData,
    queryFn: async ({ pageParam, signal }) =>
      (
        await ask(
          ModelsDocument,
          { team: team.slug, filter: settled ? `name ILIKE '%${settled.replaceAll("'", "''")}%'` : null, after: pageParam },
          signal,
        )
      ).team!.registeredModels,
    getNextPageParam: ({ pageInfo }) => (pageInfo.hasNextPage ? pageInfo.endCursor : null),
  });
  return (
    <div className="page">
      <div className="page-bar">
        <h1>Models</h1>
        {models.data && <span className="dim">{plural(models.data.pages[0]?.totalCount ?? 0, 'model')}</span>}
        <span className="grow" />
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
              <div className="scroll-x" tabIndex={0} role="group" aria-label="Models, table">
                <table className="list">
                  <thead>
                    <tr>
                      <th scope="col">Name</th>
                      <th scope="col">Newest</th>
                      <th scope="col">Aliases</th>
                      <th scope="col">Champion</th>
                      <th scope="col">Its metrics</th>
                      <th scope="col">Changed</th>
                    </tr>
                  </thead>
                  <tbody>
                    {rows.map((model) => (
                      <tr key={model.id}>
                        <td>
                          <a className="strong" href={to('t', team.slug, 'models', model.name)}>
                            {model.name}
                          </a>
                          {model.description && <span className="list-note">{model.description.split('\n')[0]}</span>}
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
                            <a key={alias} className="flag flag-accent" href={to('t', team.slug, 'models', model.name, 'versions', version)}>
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
                              <span key={key} className="measure">
                                <span className="dim">{key}</span> <Num value={last} />
                              </span>
                            ))}
                        </td>
                        <td>
                          <Ago when={model.updatedAt} />
                        </td>
                      </tr>
                    ))}
                  </tbody>
                </table>
              </div>
              {models.hasNextPage && (
                <Button variant="default" loading={models.isFetchingNextPage} onClick={() => void models.fetchNextPage()}>
                  More
                </Button>
              )}
            </>
          );
        }}
      </Loaded>
      {making && <NewModel close={() => setMaking(false)} />}
    </div>
  );
}

function NewModel({ close }: { close: () => void }) {
  const team = useTeam();
  const act = useAct();
  const [name, setName] = useState('');
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const made = await act(() => ask(CreateRegisteredModelDocument, { team: team.slug, name: name.trim() }), { again: [['models', team.slug]] });
    if (made) go(to('t', team.slug, 'models', made.createRegisteredModel.registeredModel.name));
  };
  return (
    <Modal opened onClose={close} title="New model" size="sm">
      <form className="form" onSubmit={(event) => void submit(event)}>
        <TextInput data-autofocus label="Name" required withAsterisk={false} value={name} onChange={(event) => setName(event.currentTarget.value)} />
        <Button type="submit">Create</Button>
      </form>
    </Modal>
  );
}
