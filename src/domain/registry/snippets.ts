// Code that loads, uses and serves a model, ready to paste. Made of its address and its MLmodel file; every text from there is quoted.
import type { ModelDescription } from './modelFiles.ts';

export type Snippet = { purpose: 'LOAD' | 'PREDICT' | 'SERVE' | 'SPARK'; language: 'PYTHON' | 'SHELL'; code: string };

/** JSON's text literals are Python's too. */
const python = (text: string) => JSON.stringify(text);
const shell = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`;

/** Flavours with a `load_model` of their own. */
const NATIVE = new Set(
  'catboost diviner fastai h2o keras langchain lightgbm onnx paddle pmdarima prophet pyspark sklearn spacy spark statsmodels tensorflow transformers sentence_transformers xgboost pytorch'.split(
    ' ',
  ),
);

/** `uri`: what MLflow's clients load, e.g. `models:/m-…` or `models:/churn/3`. */
export function snippets(uri: string, model: ModelDescription): Snippet[] {
  const native = model.flavors.find((flavor) => NATIVE.has(flavor.name))?.name;
  const pyfunc = model.flavors.length === 0 || model.flavors.some((flavor) => flavor.name === 'python_function');
  const made: Snippet[] = [];
  if (pyfunc) {
    made.push({ purpose: 'LOAD', language: 'PYTHON', code: `import mlflow\n\nmodel = mlflow.pyfunc.load_model(${python(uri)})\n` });
    made.push({ purpose: 'PREDICT', language: 'PYTHON', code: predict(uri, model) });
    made.push({ purpose: 'SERVE', language: 'SHELL', code: `mlflow models serve --model-uri ${shell(uri)} --port 5001 --env-manager local\n` });
    made.push({ purpose: 'SPARK', language: 'PYTHON', code: spark(uri, model) });
  }
  if (native) made.push({ purpose: 'LOAD', language: 'PYTHON', code: `import mlflow\n\nmodel = mlflow.${native}.load_model(${python(uri)})\n` });
  return made;
}

function predict(uri: string, model: ModelDescription): string {
  const start = `import mlflow\n\nmodel = mlflow.pyfunc.load_model(${python(uri)})\n`;
  if (model.examplePath) return `${start}data = model.input_example\nprint(model.predict(data))\n`;
  const columns = columnsOf(model);
  if (columns.length === 0)
    return `${start}data = ...  # what the model was trained on, as a pandas DataFrame or a numpy array\nprint(model.predict(data))\n`;
  const rows = columns.map(({ name, type }) => `    ${python(name)}: [${SAMPLES[type] ?? 'None'}],`).join('\n');
  return `import pandas as pd\n${start}data = pd.DataFrame({\n${rows}\n})\nprint(model.predict(data))\n`;
}

function spark(uri: string, model: ModelDescription): string {
  const names = columnsOf(model).map(({ name }) => python(name));
  const columns = names.length > 0 ? names.join(', ') : '*table.columns';
  return [
    'import mlflow',
    'from pyspark.sql.functions import struct',
    '',
    `predict = mlflow.pyfunc.spark_udf(spark, model_uri=${python(uri)})`,
    `table = table.withColumn("prediction", predict(struct(${columns})))`,
    '',
  ].join('\n');
}

const SAMPLES: Record<string, string> = {
  boolean: 'True',
  integer: '0',
  long: '0',
  float: '0.0',
  double: '0.0',
  string: '""',
  binary: 'b""',
  datetime: 'pd.Timestamp("2026-01-01")',
};
const MAX_COLUMNS = 500;

/** The named columns of a signature; tensors have none. */
function columnsOf({ signature }: ModelDescription): { name: string; type: string }[] {
  const inputs = Array.isArray(signature?.inputs) ? signature.inputs.slice(0, MAX_COLUMNS) : [];
  const columns = inputs.flatMap((input: { name?: unknown; type?: unknown } | null) =>
    typeof input?.name === 'string' ? [{ name: input.name, type: typeof input.type === 'string' ? input.type : '' }] : [],
  );
  return columns.length === inputs.length ? columns : [];
}
