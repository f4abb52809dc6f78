// The lines that load a model by the alias that programs should use, or its newest version where it has none.
import { Panel } from '../ui/panel.tsx';
import { Snippet } from '../ui/tables/values.tsx';

type Props = { name: string; aliases: readonly { alias: string }[]; newest: number };

export function LoadLines({ name, aliases, newest }: Props) {
  const alias = (aliases.find((one) => one.alias === 'champion') ?? aliases[0])?.alias;
  const uri = `models:/${name}${alias ? `@${alias}` : `/${newest}`}`;
  return (
    <Panel title="Use it">
      <Snippet code={`import mlflow\n\nmodel = mlflow.pyfunc.load_model(${JSON.stringify(uri)})`} label="the code to load it" />
    </Panel>
  );
}
