import { createHash } from 'node:crypto';
import {
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { MOST_WEIGHT_BYTES } from '../../../src/adapters/model/card';
import { ModelFault } from '../../../src/adapters/model/files';
import { readModel } from '../../../src/adapters/model/read';
import { writeModel } from '../../../src/adapters/model/write';
import { inFolder, modelIn } from '../../support/model-files';

/** Any JSON, so that a test can break what a type would forbid. */
type Loose = ReturnType<typeof JSON.parse>;

function edit(folder: string, file: 'card.json' | 'model.json', change: (value: Loose) => void): void {
  const path = join(folder, file);
  const value = JSON.parse(readFileSync(path, 'utf8'));
  change(value);
  writeFileSync(path, JSON.stringify(value));
}

/** Weights with the first number replaced, and a card that vouches for them. */
function poison(folder: string, value: number): void {
  const path = join(folder, 'weights.bin');
  const bytes = readFileSync(path);
  bytes.writeFloatLE(value, 0);
  writeFileSync(path, bytes);
  edit(folder, 'card.json', (card) => {
    card.weights.sha256 = createHash('sha256').update(bytes).digest('hex');
  });
}

test('what was written is read back, weight for weight', () =>
  inFolder(async (dir) => {
    const { folder, layers, card } = await modelIn(join(dir, 'm'));
    const read = readModel(folder);
    expect(read.card).toEqual(card);
    expect(read.model.layers).toEqual(layers);
    expect(read.model.calibration).toEqual(card.calibration.points);
    expect(readdirSync(dir)).toEqual(['m']);
  }));

test('a model of the same name is replaced; a folder of other things is not', () =>
  inFolder(async (dir) => {
    await modelIn(join(dir, 'm'), 1);
    const second = await modelIn(join(dir, 'm'), 2);
    expect(readModel(second.folder).model.layers).toEqual(second.layers);
    mkdirSync(join(dir, 'mine'));
    writeFileSync(join(dir, 'mine', 'thesis.txt'), 'years of work');
    await expect(writeModel(join(dir, 'mine'), second.layers, second.card)).rejects.toThrow(ModelFault);
    expect(readdirSync(dir).sort()).toEqual(['m', 'mine']);
    expect(readdirSync(join(dir, 'mine'))).toEqual(['thesis.txt']);
  }));

const bad: readonly [what: string, spoil: (folder: string) => void, says: RegExp][] = [
  ['no folder', (folder) => rmSync(folder, { recursive: true }), /no such model/],
  ['no card', (folder) => rmSync(join(folder, 'card.json')), /card\.json cannot be read \(ENOENT\)/],
  ['no weights', (folder) => rmSync(join(folder, 'weights.bin')), /weights\.bin cannot be read/],
  ['a card that is no JSON', (folder) => writeFileSync(join(folder, 'card.json'), '{'), /no JSON/],
  ['a card of another format', (folder) => edit(folder, 'card.json', (c) => (c.format = 2)), /format/],
  ['another feature version', (folder) => edit(folder, 'card.json', (c) => c.features.version++), /train it anew/],
  [
    'another feature digest',
    (folder) => edit(folder, 'card.json', (c) => (c.features.digest = 'ab'.repeat(32))),
    /train it anew/,
  ],
  ['cut weights', (folder) => truncateSync(join(folder, 'weights.bin'), 40), /has 40 bytes, not/],
  [
    'weights with more behind them',
    (folder) => writeFileSync(join(folder, 'weights.bin'), Buffer.alloc(100_000)),
    /expected at most/,
  ],
  [
    'other weights',
    (folder) =>
      writeFileSync(join(folder, 'weights.bin'), Buffer.alloc(readFileSync(join(folder, 'weights.bin')).length)),
    /another SHA-256/,
  ],
  ['a weight that is no number', (folder) => poison(folder, Number.NaN), /no numbers/],
  ['an infinite weight', (folder) => poison(folder, Number.POSITIVE_INFINITY), /no numbers/],
  ['an absurd weight', (folder) => poison(folder, 1e30), /no numbers/],
  [
    'layers that do not follow from one another',
    (folder) => edit(folder, 'card.json', (c) => c.layers[1].inputs++),
    /layer 2 takes 8 inputs where 7 come/,
  ],
  [
    'an output that is not the input',
    (folder) => edit(folder, 'card.json', (c) => c.layers.pop()),
    /the last layer has 7 units/,
  ],
  [
    'a huge declared shape',
    (folder) => edit(folder, 'card.json', (c) => (c.layers[0].units = 2 ** 40)),
    /layers\.0\.units/,
  ],
  [
    'many layers that are large together',
    (folder) =>
      edit(folder, 'card.json', (c) => {
        const first = { ...c.layers[0], units: 1024 };
        const wide = { inputs: 1024, units: 1024, activation: 'tanh' };
        c.layers = [first, ...Array(6).fill(wide), { inputs: 1024, units: c.layers[0].inputs, activation: 'linear' }];
        c.weights.bytes = 4 * (1024 * (first.inputs + 1) + 6 * 1024 * 1025 + first.inputs * 1025);
        expect(c.weights.bytes).toBeGreaterThan(MOST_WEIGHT_BYTES);
      }),
    /weights\.bytes/,
  ],
  [
    'shapes that model.json does not have',
    (folder) => edit(folder, 'model.json', (m) => m.weightsManifest[0].weights[0].shape.reverse()),
    /other shapes than the card/,
  ],
  [
    'a topology that is not the card’s',
    (folder) => edit(folder, 'model.json', (m) => (m.modelTopology.config.layers[0].config.units = 9)),
    /not that of the card/,
  ],
  [
    'an activation that is not the card’s',
    (folder) => edit(folder, 'model.json', (m) => (m.modelTopology.config.layers[0].config.activation = 'relu')),
    /not that of the card/,
  ],
  [
    'weights of another type',
    (folder) => edit(folder, 'model.json', (m) => (m.weightsManifest[0].weights[0].dtype = 'int32')),
    /dtype/,
  ],
  [
    'a calibration that falls',
    (folder) => edit(folder, 'card.json', (c) => c.calibration.points.reverse()),
    /must rise/,
  ],
  [
    'a path upward',
    (folder) => {
      renameSync(join(folder, 'weights.bin'), join(folder, '..', 'weights.bin'));
      edit(folder, 'model.json', (m) => (m.weightsManifest[0].paths = ['../weights.bin']));
    },
    /leads out of the model's folder/,
  ],
  [
    'an absolute path',
    (folder) => edit(folder, 'model.json', (m) => (m.weightsManifest[0].paths = ['/etc/passwd'])),
    /leads out of the model's folder/,
  ],
  [
    'a link outward',
    (folder) => {
      renameSync(join(folder, 'weights.bin'), join(folder, '..', 'weights.bin'));
      symlinkSync('../weights.bin', join(folder, 'weights.bin'));
    },
    /is a link out of the model's folder/,
  ],
  [
    'a folder in place of the weights',
    (folder) => {
      rmSync(join(folder, 'weights.bin'));
      mkdirSync(join(folder, 'weights.bin'));
    },
    /no plain file/,
  ],
];

test.each(bad)('%s is refused and named', (_, spoil, says) =>
  inFolder(async (dir) => {
    const { folder } = await modelIn(join(dir, 'm'));
    spoil(folder);
    expect(() => readModel(folder)).toThrow(ModelFault);
    expect(() => readModel(folder)).toThrow(says);
  }),
);
