// The table, or what stands in its place: groups, a fault, nothing found; beneath it what can be done with the ticked runs.
import { ApiError, isMistake } from '../../api/client.ts';
import type { TableAsk, useRunTable } from '../../api/table.ts';
import { plural } from '../../format.ts';
import { useTeam } from '../../shell/team.ts';
import { Empty, ErrorState, Rows } from '../../ui/feedback/states.tsx';
import type { Charted } from '../charted/use-charted.ts';
import { NoMatch } from '../filter/no-match.tsx';
import css from '../room.module.css';
import { BulkBar } from '../toolbar/selection-bar.tsx';
import { Groups } from './group-table.tsx';
import { RunsTable } from './table.tsx';
import type { TableProps } from './table-props.ts';
import type { useSelection } from './use-selection.ts';

type Passed = Pick<
  TableProps,
  | 'cursor'
  | 'setCursor'
  | 'columns'
  | 'pinned'
  | 'setPinned'
  | 'setColumns'
  | 'density'
  | 'sort'
  | 'setSort'
  | 'more'
  | 'hrefOf'
  | 'experimentName'
  | 'sizeKey'
>;
type Props = Passed & {
  asked: TableAsk;
  runs: ReturnType<typeof useRunTable>;
  selection: ReturnType<typeof useSelection>;
  charted: Charted;
  by: string[];
  title: string;
  /** Whether it is still open what an empty answer means. */
  undecided: boolean;
  applyFilter: (filter: string) => void;
};

export function TablePane({ asked, runs, selection, charted, by, title, undecided, applyFilter, ...table }: Props) {
  const team = useTeam();
  const { rows, total, news, showNews } = runs;
  const { selected, select, clear } = selection;
  const fault = runs.error instanceof ApiError ? runs.error : null;
  const { filter, lifecycle, experimentIds } = asked;
  const content = () => {
    if (by.length > 0 && !fault)
      return <Groups team={team.slug} {...{ experimentIds, filter, lifecycle, by }} columns={table.columns} looks={charted.looks} />;
    if (runs.data === undefined || undecided) {
      if (!fault) return <Rows count={16} />;
      if (!filter || !isMistake(fault)) return <ErrorState error={fault} again={() => void runs.refetch()} />;
      return (
        <Empty title="The filter has a mistake">
          <p>It is underlined above.</p>
        </Empty>
      );
    }
    if (rows.length === 0) return filter ? <NoMatch asked={asked} apply={applyFilter} /> : <NoRows deleted={lifecycle === 'DELETED'} />;
    return (
      <RunsTable
        {...{ rows, total, selected, select }}
        {...table}
        looks={charted.looks}
        hidden={selection.hidden}
        toggle={selection.toggle}
        loadingMore={runs.isFetchingNextPage}
      />
    );
  };
  return (
    <div className={css.pane} aria-busy={runs.isPlaceholderData}>
      {content()}
      {news > 0 && (
        <button type="button" className={css.news} onClick={showNews}>
          {plural(news, 'new run')}. Show from the first
        </button>
      )}
      {selected.size > 0 && <BulkBar {...{ selected, select, total, asked, title, clear }} loaded={rows.length} />}
    </div>
  );
}

function NoRows({ deleted }: { deleted: boolean }) {
  return (
    <Empty title={deleted ? 'No deleted runs' : 'No runs'}>
      <p>{deleted ? 'What is deleted can be restored here.' : 'They appear here as they start.'}</p>
    </Empty>
  );
}
