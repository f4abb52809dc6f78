// The best run by a metric, with its params, and its model one click away.
import { useQuery } from '@tanstack/react-query';
import { ModelsOfRunDocument } from '../../api/documents.gen.ts';
import { queryKeys } from '../../api/query-keys.ts';
import { ask } from '../../api/session.ts';
import { short } from '../../format.ts';
import { to } from '../../router.ts';
import flagCss from '../../ui/flag.module.css';
import { labelsOf } from '../ticks.ts';
import css from './story.module.css';
import type { Trial } from './trials.ts';

const FEW = 4;

type Props = { team: string; metric: string; best: Trial; others: readonly number[]; params: readonly string[] };

export function BestRun({ team, metric, best: { row, value }, others, params }: Props) {
  // Told apart from the other values, though these aren't shown.
  const [text] = labelsOf([value, ...others.filter((other) => other !== value).slice(0, 1)]);
  const given = params.filter((key) => row.params.has(key));
  return (
    <p className={css.best}>
      <span className={css.ring} aria-hidden="true" /> Best: <a href={to('t', team, 'runs', row.runId)}>{row.name}</a>, {metric}{' '}
      <strong className="mono" title={String(value)}>
        {text}
      </strong>
      {given.length > 0 && (
        <span className="dim">
          {' '}
          with{' '}
          {given
            .slice(0, FEW)
            .map((key) => `${key} ${brief(row.params.get(key)!)}`)
            .join(', ')}
        </span>
      )}
      <ModelOf team={team} runId={row.runId} />
    </p>
  );
}

/** A number that was drawn from a range has more digits than anybody reads. */
const brief = (text: string) => (text.length > 9 && Number.isFinite(Number(text)) ? short(text) : text.length > 24 ? `${text.slice(0, 23)}…` : text);

/** The version that it was registered as, else the model that it logged. */
function ModelOf({ team, runId }: { team: string; runId: string }) {
  const { data } = useQuery({
    queryKey: queryKeys.modelsOfRun(runId),
    staleTime: 30_000,
    queryFn: async ({ signal }) => (await ask(ModelsOfRunDocument, { runId }, signal)).run,
  });
  if (!data) return null;
  const version = [...data.modelVersions].sort((a, b) => b.aliases.length - a.aliases.length || Number(b.version) - Number(a.version))[0];
  const model = data.outputs.at(-1);
  if (!version && !model) return <span className="dim"> · it logged no model</span>;
  return (
    <span>
      {' · '}
      {version ? (
        <>
          <a href={to('t', team, 'models', version.name, 'versions', version.version)}>
            {version.name} <span className="mono">v{version.version}</span>
          </a>{' '}
          {version.aliases.map((alias) => (
            <span key={alias} className={flagCss.flag}>
              @{alias}
            </span>
          ))}
        </>
      ) : (
        <>
          model <a href={to('t', team, 'logged-models', model!.modelId)}>{model!.name}</a>
        </>
      )}
    </span>
  );
}
