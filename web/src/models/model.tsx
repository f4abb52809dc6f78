// One registered model: its versions as a timeline with aliases as flags, and what it is for.
import { ActionIcon, Button, Menu, Modal, TextInput } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { type FormEvent, useEffect, useState } from 'react';
import { DeleteRegisteredModelDocument, ModelDocument, RenameRegisteredModelDocument, UpdateRegisteredModelDocument } from '../api/documents.gen.ts';
import { ask } from '../api/session.ts';
import { plural } from '../format.ts';
import { useAct } from '../parts/act.ts';
import { Confirm, useConfirm } from '../parts/confirm.tsx';
import { Icon } from '../parts/icons.tsx';
import { Note } from '../parts/markdown.tsx';
import { Empty, Loaded } from '../parts/states.tsx';
import { Ago, Num } from '../parts/values.tsx';
import { go, to } from '../router.ts';
import { useCan, useTeam } from '../shell/team.ts';
import { History } from './history.tsx';
import { AliasFlags, Promote, Stage } from './promote.tsx';

export function ModelRoom({ name }: { name: string }) {
  const team = useTeam();
  const act = useAct();
  const mayChange = useCan('CONTRIBUTOR');
  const mayPromote = useCan('MAINTAINER');
  const confirm = useConfirm();
  useEffect(() => {
    document.title = `${name} · Runledger`;
  }, [name]);
  const [renaming, setRenaming] = useState(false);
  const model = useInfiniteQuery({
    queryKey: ['models', team.slug, 'one', name],
    initialPageParam: null as string | null,
    queryFn: async ({ pageParam, signal }) =>
      (await ask(ModelDocument, { team: team.slug, name, after: pageParam }, signal)).team?.registeredModel ?? null,
    getNextPageParam: (page) => (page?.versions.pageInfo.hasNextPage ? page.versions.pageInfo.endCursor : null),
  });
  const again = [['models', team.slug]];
  return (
    <div className="page">
      <p className="crumbs">
        <a href={to('t', team.slug, 'models')}>Models</a>
      </p>
      <Loaded of={model}>
        {({ pages }) => {
          const found = pages[0] ?? null;
          if (found === null)
            return (
              <Empty title={`No model is called “${name}”`}>
                <p>It may have been renamed or deleted.</p>
                <a href={to('t', team.slug, 'models')}>All models</a>
              </Empty>
            );
          const versions = pages.flatMap((page) => page?.versions.nodes ?? []);
          const total = Number(found.versions.totalCount);
          return (
            <>
              <div className="page-bar">
                <h1>{found.name}</h1>
                <span className="dim">{plural(total, 'version')}</span>
                <span className="grow" />
                {mayPromote && (
                  <Menu position="bottom-end">
                    <Menu.Target>
                      <ActionIcon variant="default" aria-label="Actions on this model">
                        <Icon name="more" />
                      </ActionIcon>
                    </Menu.Target>
                    <Menu.Dropdown>
                      <Menu.Item onClick={() => setRenaming(true)}>Rename</Menu.Item>
                      <Menu.Item
                        onClick={() =>
                          confirm.ask({
                            title: `Delete ${found.name} for good?`,
                            text: `Its ${plural(total, 'version')} and aliases go with it. Runs and their files stay.`,
                            verb: 'Delete the model',
                            run: async () => {
                              if (await act(() => ask(DeleteRegisteredModelDocument, { team: team.slug, name }), { done: 'Deleted', again }))
                                go(to('t', team.slug, 'models'));
                            },
                          })
                        }
                      >
                        Delete
                      </Menu.Item>
                    </Menu.Dropdown>
                  </Menu>
                )}
              </div>
              <div className="overview wide-left">
                <div className="column">
                  {versions.length === 0 ? (
                    <Empty title="No versions yet">
                      <p>Register a logged model under this name, from its page or from Python.</p>
                    </Empty>
                  ) : (
                    <ol className="timeline" aria-label="Versions">
                      {versions.map((version) => (
                        <li key={version.id} className={version.aliases.length > 0 ? 'flagged' : undefined}>
                          <div className="timeline-head">
                            <a className="strong mono" href={to('t', team.slug, 'models', name, 'versions', version.version)}>
                              v{version.version}
                            </a>
                            <AliasFlags name={name} version={version.version} aliases={version.aliases} />
                            <Stage stage={version.stage} />
                            {version.status !== 'READY' && <span className="flag flag-bad">{version.status.toLowerCase().replaceAll('_', ' ')}</span>}
                            <span className="grow" />
                            {mayPromote && <Promote name={name} version={version.version} aliases={version.aliases} stage={version.stage} />}
                          </div>
                          <p className="timeline-line">
                            <span className="dim">
                              <Ago when={version.createdAt} />
                              {version.user ? ` by ${version.user}` : ''}
                            </span>
                            {version.run && <a href={to('t', team.slug, 'runs', version.run.runId)}>{version.run.name}</a>}
                            {version.run?.metrics
                              .filter(({ key }) => !key.startsWith('system/'))
                              .slice(0, 3)
                              .map(({ key, last }) => (
                                <span key={key} className="measure">
                                  <span className="dim">{key}</span> <Num value={last} />
                                </span>
                              ))}
                          </p>
                          {version.description && <p className="timeline-note">{version.description.split('\n')[0]}</p>}
                        </li>
                      ))}
                    </ol>
                  )}
                  {model.hasNextPage && (
                    <Button variant="default" loading={model.isFetchingNextPage} onClick={() => void model.fetchNextPage()}>
                      Older versions
                    </Button>
                  )}
                </div>
                <div className="column">
                  <section className="panel" aria-label="Description">
                    <header className="panel-head">
                      <h2>Description</h2>
                    </header>
                    <Note
                      text={found.description ?? ''}
                      what="Description"
                      placeholder="What is it for, and what should one know before using it?"
                      editable={mayChange}
                      save={(description) => act(() => ask(UpdateRegisteredModelDocument, { team: team.slug, name, description }), { again })}
                    />
                  </section>
                  <section className="panel" aria-label="Aliases">
                    <header className="panel-head">
                      <h2>Aliases</h2>
                    </header>
                    {found.aliases.length === 0 ? (
                      <p className="panel-empty">None. An alias such as champion names the version to use, so that code needn’t.</p>
                    ) : (
                      <ul className="lines">
                        {found.aliases.map(({ alias, version }) => (
                          <li key={alias}>
                            <span className="flag flag-accent">@{alias}</span> <Icon name="right" size={11} />{' '}
                            <a className="mono" href={to('t', team.slug, 'models', name, 'versions', version)}>
                              v{version}
                            </a>
                          </li>
                        ))}
                      </ul>
                    )}
                  </section>
                  <History name={name} />
                  {found.tags.length > 0 && (
                    <section className="panel" aria-label="Tags">
                      <header className="panel-head">
                        <h2>Tags</h2>
                      </header>
                      <ul className="chips">
                        {found.tags.map(({ key, value }) => (
                          <li key={key} className="chip">
                            <span className="dim">{key}</span> {value}
                          </li>
                        ))}
                      </ul>
                    </section>
                  )}
                </div>
              </div>
            </>
          );
        }}
      </Loaded>
      {renaming && <Rename name={name} close={() => setRenaming(false)} />}
      <Confirm of={confirm} />
    </div>
  );
}

function Rename({ name, close }: { name: string; close: () => void }) {
  const team = useTeam();
  const act = useAct();
  const [newName, setNewName] = useState(name);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const next = newName.trim();
    const done = await act(() => ask(RenameRegisteredModelDocument, { team: team.slug, name, newName: next }), {
      done: `It is called ${next} now`,
      again: [['models', team.slug]],
    });
    if (done) go(to('t', team.slug, 'models', next), { replace: true });
  };
  return (
    <Modal opened onClose={close} title={`Rename ${name}`} size="sm">
      <form className="form" onSubmit={(event) => void submit(event)}>
        <TextInput
          data-autofocus
          label="Name"
          description="Code that loads the model by its old name stops finding it."
          required
          withAsterisk={false}
          value={newName}
          onChange={(event) => setNewName(event.currentTarget.value)}
        />
        <Button type="submit" disabled={newName.trim() === name || newName.trim() === ''}>
          Rename
        </Button>
      </form>
    </Modal>
  );
}
