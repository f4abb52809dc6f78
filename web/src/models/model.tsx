// One registered model: its versions as a timeline with aliases as flags, and what it is for.
import { useInfiniteQuery } from '@tanstack/react-query';
import { useEffect } from 'react';
import { ModelDocument, UpdateRegisteredModelDocument } from '../api/documents.gen.ts';
import { nextCursor } from '../api/pages.ts';
import { queryKeys } from '../api/query-keys.ts';
import { ask } from '../api/session.ts';
import { plural } from '../format.ts';
import { OpenRequests } from '../governance/requests/open-requests.tsx';
import { to } from '../router.ts';
import { useCan, useTeam } from '../shell/team.ts';
import { useAct } from '../ui/feedback/act.ts';
import { Empty, Loaded } from '../ui/feedback/states.tsx';
import { LoadMore } from '../ui/load-more.tsx';
import { Note } from '../ui/markdown.tsx';
import pageCss from '../ui/page.module.css';
import { Panel } from '../ui/panel.tsx';
import { AliasList } from './alias-list.tsx';
import { ModelActions } from './changes/model-actions.tsx';
import { History } from './history.tsx';
import { LoadLines } from './load-lines.tsx';
import { RegistryTags } from './registry-tags.tsx';
import { VersionTimeline } from './version-timeline.tsx';

export function ModelRoom({ name }: { name: string }) {
  const team = useTeam();
  const act = useAct();
  const mayChange = useCan('model:write');
  const mayDelete = useCan('model:delete');
  useEffect(() => {
    document.title = `${name} · Runledger`;
  }, [name]);
  const model = useInfiniteQuery({
    queryKey: queryKeys.model(team.slug, name),
    initialPageParam: null as string | null,
    queryFn: async ({ pageParam, signal }) =>
      (await ask(ModelDocument, { team: team.slug, name, after: pageParam }, signal)).team?.registeredModel ?? null,
    getNextPageParam: (page) => (page ? nextCursor(page.versions) : null),
  });
  const again = [queryKeys.models(team.slug)];
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
                {mayDelete && <ModelActions name={name} versions={total} />}
              </div>
              <OpenRequests name={name} />
              <div className={pageCss.overview}>
                <div className={pageCss.column}>
                  {versions.length === 0 ? (
                    <Empty title="No versions yet">
                      <p>Register a logged model under this name, from its page or from Python.</p>
                    </Empty>
                  ) : (
                    <VersionTimeline name={name} versions={versions} />
                  )}
                  <LoadMore of={model} label="Older versions" />
                </div>
                <div className={pageCss.column}>
                  {versions[0] && <LoadLines name={name} aliases={found.aliases} newest={versions[0].version} />}
                  <Panel title="Description">
                    <Note
                      name={`model.${team.slug}.${name}`}
                      text={found.description ?? ''}
                      what="Description"
                      placeholder="What is it for, and what should one know before using it?"
                      editable={mayChange}
                      save={(description) => act(() => ask(UpdateRegisteredModelDocument, { team: team.slug, name, description }), { again })}
                    />
                  </Panel>
                  <AliasList name={name} aliases={found.aliases} />
                  <RegistryTags name={name} tags={found.tags} />
                  <History name={name} />
                </div>
              </div>
            </>
          );
        }}
      </Loaded>
    </div>
  );
}
