// The data that two versions were trained on, by name and digest, and their signatures and environments line by line.
import clsx from 'clsx';
import type { ComparedVersionFragment } from '../../api/documents.gen.ts';
import { TextDiff } from '../../compare/file-differences.tsx';
import { signatureText } from '../../models/facts/signature.tsx';
import flagCss from '../../ui/flag.module.css';
import { ListTable } from '../../ui/tables/list-table.tsx';
import { Id } from '../../ui/tables/values.tsx';
import css from './compared-data.module.css';

type Props = { asked: ComparedVersionFragment; other: ComparedVersionFragment | null };

export function ComparedData({ asked, other }: Props) {
  const requirements = ({ loggedModel }: ComparedVersionFragment) => loggedModel?.environment.requirements ?? loggedModel?.environment.conda ?? '';
  return (
    <div className={css.parts}>
      <section aria-label="Data">
        <h3>Data</h3>
        <Data asked={asked} other={other} />
      </section>
      <Text title="Signature" asked={asked} other={other} of={({ loggedModel }) => signatureText(loggedModel?.signature ?? null)} />
      <Text title="Environment" asked={asked} other={other} of={requirements} />
    </div>
  );
}

/** A line for each name and what it is for; more where a version has several digests of it. */
function Data({ asked, other }: Props) {
  const read = (version: ComparedVersionFragment | null) =>
    (version?.lineage.datasets ?? []).map(({ dataset, tags }) => ({
      ...dataset,
      use: tags.find(({ key }) => key === 'mlflow.data.context')?.value ?? '',
    }));
  const [mine, theirs] = [read(asked), read(other)];
  const lines = [...new Map([...theirs, ...mine].map((one) => [`${one.name} ${one.use}`, one])).values()];
  if (lines.length === 0) return <p className="dim">No data was logged with {other ? 'either' : 'it'}.</p>;
  return (
    <ListTable label="Data" columns={['Name', ...(other ? [`v${other.version}`] : []), `v${asked.version}`, '']}>
      {lines.map(({ name, use }) => {
        const digests = (of: typeof mine) => of.filter((one) => one.name === name && one.use === use).map(({ digest }) => digest);
        const [own, before] = [digests(mine), digests(theirs)];
        const same = own.join() === before.join();
        return (
          <tr key={`${name} ${use}`}>
            <td>
              <strong>{name}</strong> {use && <span className={flagCss.flag}>{use}</span>}
            </td>
            {other && <td>{cell(before)}</td>}
            <td>{cell(own)}</td>
            <td>{other && <span className={clsx(flagCss.flag, !same && flagCss.accent)}>{same ? 'same' : verdict(own, before)}</span>}</td>
          </tr>
        );
      })}
    </ListTable>
  );
}

const verdict = (own: string[], before: string[]) => (before.length === 0 ? 'new' : own.length === 0 ? 'no longer used' : 'changed');
const cell = (digests: string[]) =>
  digests.length === 0 ? <span className="absent">–</span> : digests.map((digest) => <Id key={digest} id={digest} />);

function Text({ title, asked, other, of }: Props & { title: string; of: (version: ComparedVersionFragment) => string }) {
  const [after, before] = [of(asked), other ? of(other) : ''];
  return (
    <section aria-label={title}>
      <h3>{title}</h3>
      {after === '' && before === '' ? (
        <p className="dim">Not known of {other ? 'either' : 'it'}.</p>
      ) : (
        <TextDiff before={before} after={after} name={other ? `v${other.version}` : 'nothing'} />
      )}
    </section>
  );
}
