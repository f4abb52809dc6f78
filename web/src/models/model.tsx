// One registered model: its versions as a timeline with aliases as flags, and what it is for.

import { ActionIcon, Button, Menu, Modal, TextInput } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import clsx from 'clsx';
import { type FormEvent, useEffect, useState } from 'react';
import { DeleteRegisteredModelDocument, ModelDocument, RenameRegisteredModelDocument, UpdateRegisteredModelDocument } from '../api/documents.gen.ts';
import { keys } from '../api/keys.ts';
import { ask } from '../api/session.ts';
import { plural } from '../format.ts';
import { go, to } from '../router.ts';
import { useCan, useTeam } from '../shell/team.ts';
import { useAct } from '../ui/act.ts';
import chipsCss from '../ui/chips.module.css';
import { Confirm, useConfirm } from '../ui/confirm.tsx';
import flagCss from '../ui/flag.module.css';
import formCss from '../ui/form.module.css';
import { Icon } from '../ui/icons.tsx';
import listTableCss from '../ui/list-table.module.css';
import { Note } from '../ui/markdown.tsx';
import pageCss from '../ui/page.module.css';
import panelCss from '../ui/panel.module.css';
import { Panel, PanelEmpty } from '../ui/panel.tsx';
import { Empty, Loaded } from '../ui/states.tsx';
import { Ago, Num } from '../ui/values.tsx';
import { History } from './history.tsx';
import css from './model.module.css';
import { AliasFlags, Promote, Stage } from './promote.tsx';

export function ModelRoom({ name }: { name: string }) {
  const team = useTeam();
  const act = useAct();
  const mayChange = useCan('model:write');
  const mayPromote = useCan('model:promote');
  const mayDelete = useCan('model:delete');
  const confirm = useConfirm();
  useEffect(() => {
    document.title = `${name} · Runledger`;
  }, [name]);
  const [renaming, setRenaming] = useState(false);
  const model = useInfiniteQuery({
    queryKey: keys.model(team.slug, name),
    initialPageParam: null as string | null,
    queryFn: async ({ pageParam, signal }) =>
      (await ask(ModelDocument, { team: team.slug, name, after: pageParam }, signal)).team?.registeredModel ?? null,
    getNextPageParam: (page) => (page?.versions.pageInfo.hasNextPage ? page.versions.pageInfo.endCursor : null),
  });
  const again = [keys.models(team.slug)];
  return (
    <div className={pageCss.page}>
      <p className={pageCss.crumbs}>
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
              <div className={pageCss.bar}>
                <h1>{found.name}</h1>
                <span className="dim">{plural(total, 'version')}</span>
                <span className="grow" />
                {mayDelete && (
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
              <div className={pageCss.overview}>
                <div className={pageCss.column}>
                  {versions.length === 0 ? (
                    <Empty title="No versions yet">
                      <p>Register a logged model under this name, from its page or from Python.</p>
                    </Empty>
                  ) : (
                    <ol className={css.timeline} aria-label="Versions">
                      {versions.map((version) => (
                        <li key={version.id} className={version.aliases.length > 0 ? css.flagged : undefined}>
                          <div className={css.head}>
                            <a className="strong mono" href={to('t', team.slug, 'models', name, 'versions', version.version)}>
                              v{version.version}
                            </a>
                            <AliasFlags name={name} version={version.version} aliases={version.aliases} />
                            <Stage stage={version.stage} />
                            {version.status !== 'READY' && (
                              <span className={clsx(flagCss.flag, flagCss.bad)}>{version.status.toLowerCase().replaceAll('_', ' ')}</span>
                            )}
                            <span className="grow" />
                            {mayPromote && <Promote name={name} version={version.version} aliases={version.aliases} stage={version.stage} />}
                          </div>
                          <p className={css.line}>
                            <span className="dim">
                              <Ago when={version.createdAt} />
                              {version.user ? ` by ${version.user}` : ''}
                            </span>
                            {version.run && <a href={to('t', team.slug, 'runs', version.run.runId)}>{version.run.name}</a>}
                            {version.run?.metrics
                              .filter(({ key }) => !key.startsWith('system/'))
                              .slice(0, 3)
                              .map(({ key, last }) => (
                                <span key={key} className={listTableCss.measure}>
                                  <span className="dim">{key}</span> <Num value={last} />
                                </span>
                              ))}
                          </p>
                          {version.description && <p className={css.note}>{version.description.split('\n')[0]}</p>}
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
                <div className={pageCss.column}>
                  <Panel title="Description">
                    <Note
                      text={found.description ?? ''}
                      what="Description"
                      placeholder="What is it for, and what should one know before using it?"
                      editable={mayChange}
                      save={(description) => act(() => ask(UpdateRegisteredModelDocument, { team: team.slug, name, description }), { again })}
                    />
                  </Panel>
                  <Panel title="Aliases">
                    {found.aliases.length === 0 ? (
                      <PanelEmpty>None. An alias such as champion names the version to use, so that code needn’t.</PanelEmpty>
                    ) : (
                      <ul className={panelCss.lines}>
                        {found.aliases.map(({ alias, version }) => (
                          <li key={alias}>
                            <span className={clsx(flagCss.flag, flagCss.accent)}>@{alias}</span> <Icon name="right" size={11} />{' '}
                            <a className="mono" href={to('t', team.slug, 'models', name, 'versions', version)}>
                              v{version}
                            </a>
                          </li>
                        ))}
                      </ul>
                    )}
                  </Panel>
                  <History name={name} />
                  {found.tags.length > 0 && (
                    <Panel title="Tags">
                      <ul className={chipsCss.chips}>
                        {found.tags.map(({ key, value }) => (
                          <li key={key} className={chipsCss.chip}>
                            <span className="dim">{key}</span> {value}
                          </li>
                        ))}
                      </ul>
                    </Panel>
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
      again: [keys.models(team.slug)],
    });
    if (done) go(to('t', team.slug, 'models', next), { replace: true });
  };
  return (
    <Modal opened onClose={close} title={`Rename ${name}`} size="sm">
      <form className={formCss.form} onSubmit={(event) => void submit(event)}>
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
