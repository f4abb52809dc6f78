// Who did what in a team, newest first, page by page; the filter stands in the address.
import { Button } from '@mantine/core';
import { useTeam } from '../../shell/team.ts';
import { Empty, Loaded } from '../../ui/feedback/states.tsx';
import { LoadMore } from '../../ui/load-more.tsx';
import panelCss from '../../ui/panel.module.css';
import { Panel } from '../../ui/panel.tsx';
import { ListTable } from '../../ui/tables/list-table.tsx';
import { Row } from './audit-entry.tsx';
import { AuditFilter } from './audit-filter.tsx';
import { useAuditLog, useAuditQuestion } from './use-audit-log.ts';

export function AuditLog() {
  const { slug } = useTeam();
  const { asked, filtered, change } = useAuditQuestion();
  const log = useAuditLog(slug, asked);
  return (
    <Panel title="" label="Audit log" actions={<AuditFilter team={slug} asked={asked} change={change} />}>
      <Loaded of={log} rows={8}>
        {({ pages }) => {
          const rows = pages.flatMap(({ nodes }) => nodes);
          if (rows.length === 0)
            return filtered ? <NothingOfThatKind clear={() => change({ actions: [], actor: null, span: null })} /> : <NothingYet />;
          return (
            <>
              <ListTable label="Audit log" columns={['When', 'Who', 'What', 'To what', 'Before and after']}>
                {rows.map((entry) => (
                  <Row key={String(entry.entryId)} entry={entry} />
                ))}
              </ListTable>
              <footer className={panelCss.foot}>
                <span className="dim">
                  {rows.length} shown{log.hasNextPage ? '' : ', that is all'}
                </span>
                <LoadMore of={log} label="Older" size="compact-xs" />
              </footer>
            </>
          );
        }}
      </Loaded>
    </Panel>
  );
}

const NothingOfThatKind = ({ clear }: { clear: () => void }) => (
  <Empty title="Nothing of that kind">
    <Button variant="default" onClick={clear}>
      Show everything
    </Button>
  </Empty>
);

const NothingYet = () => (
  <Empty title="Nothing has happened yet">
    <p>Changes of members, tokens, models and webhooks, and deletions, are noted here for good.</p>
  </Empty>
);
