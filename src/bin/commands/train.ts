import type { Format } from '../../config';
import { backendChoices } from '../../options';
import { command, config, format as formatOption, help } from '../command';
import { format, oneOf, text, type Words, whole } from '../words';

export interface TrainInvocation {
  readonly command: 'train';
  readonly files: readonly string[];
  readonly name: string;
  readonly out: string;
  readonly seed: number;
  readonly epochs: number;
  readonly backend: (typeof backendChoices)[number];
  readonly ablation: number;
  readonly config: string | undefined;
  readonly format: Format | undefined;
}

export const trainCommand = command({
  summary: 'Train a model on a usage log from the past.',
  usage: 'keywatch train FILE… [--name NAME] [--out DIR] [OPTIONS]',
  about: [
    'Reads usage logs as replay does, gathers the windows in which a detector spoke, leaves out those about alerts, and',
    'trains an autoencoder on them with TensorFlow.js. Keys that it was not trained on say what its error is worth.',
    'The model (model.json, weights.bin, card.json) is written to DIR/NAME, whole or not at all. Logs with too little',
    'in them, or too many alerts, are refused. detect.model of the configuration takes the folder; see docs/models.md.',
  ],
  options: {
    name: { type: 'string', value: 'NAME', help: 'Lower-case letters, digits and dashes (default trained).' },
    out: { type: 'string', value: 'DIR', help: 'Where the folder of that name is written (default models).' },
    seed: { type: 'string', value: 'N', help: 'Decides first weights, order and the division of keys (default 1).' },
    epochs: { type: 'string', value: 'N', help: 'At most so many passes, 1–10,000 (default 200).' },
    backend: { type: 'string', value: 'NAME', help: 'The best of node, wasm, cpu from this one on (default node).' },
    ablation: {
      type: 'string',
      value: 'N',
      help: 'Then measure what it is worth with N thefts grafted into the log (1–1,000).',
    },
    config: config('Take detection, policy and formats from this configuration.'),
    format: formatOption(''),
    help,
  },
  files: Number.POSITIVE_INFINITY,
  examples: [
    ['On last month', 'keywatch train access-2026-01.ndjson.gz --name january'],
    ['And say what it is worth', 'keywatch train access-2026-01.ndjson.gz --name january --ablation 40'],
    ['On simulated traffic', 'keywatch simulate --keys 200 --days 28 --thefts 0 | keywatch train - --name simulated'],
  ],
  read,
  run: (invocation, context) => (require('../train') as typeof import('../train')).train(invocation, context),
});

function read(words: Words): TrainInvocation {
  if (words.files.length === 0) words.faults.push('a file is missing: a log, a directory, or - for standard input');
  const name = text(words, 'name') ?? 'trained';
  if (!/^[a-z0-9][a-z0-9-]{0,62}$/.test(name))
    words.faults.push(`--name ${JSON.stringify(name)}: expected up to 63 lower-case letters, digits and dashes`);
  if (words.options.has('ablation') && words.files.includes('-'))
    words.faults.push('--ablation reads the log three times: name a file, not -');
  return {
    command: 'train',
    files: words.files,
    name,
    out: text(words, 'out') ?? 'models',
    seed: whole(words, 'seed', 1, 0, 4_294_967_295),
    epochs: whole(words, 'epochs', 200, 1, 10_000),
    backend: oneOf(words, 'backend', backendChoices) ?? 'node',
    ablation: words.options.has('ablation') ? whole(words, 'ablation', 20, 1, 1_000) : 0,
    config: text(words, 'config'),
    format: format(words),
  };
}
