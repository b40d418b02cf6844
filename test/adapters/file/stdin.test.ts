import { PassThrough } from 'node:stream';
import { createStdinSource } from '../../../src/adapters/file/stdin';
import { numbered, recorder } from '../../contracts/source';

describe('stdin source', () => {
  it('reads to the end, also a last line without a line feed', async () => {
    const stream = new PassThrough();
    const handler = recorder();
    const run = createStdinSource({ stream }).run(handler);
    stream.write(`${numbered('a', 0, 1_200).join('\n')}\nla`);
    stream.end('st');
    await run;
    expect(handler.texts(0)).toEqual([...numbered('a', 0, 1_200), 'last']);
    expect(handler.seen.get(0)!.at(-1)!.offset).toBe(1_200);
  });

  it('numbers on from the wanted place', async () => {
    const stream = new PassThrough();
    const handler = recorder({ start: () => ({ next: 70, cursor: '' }) });
    const run = createStdinSource({ stream }).run(handler);
    stream.end('a\nb\n');
    await run;
    expect(handler.seen.get(0)!.map((record) => record.offset)).toEqual([70, 71]);
  });

  it('stops while it waits for input', async () => {
    const stream = new PassThrough();
    const handler = recorder();
    const source = createStdinSource({ stream });
    const run = source.run(handler);
    stream.write('a\nunfinished');
    await handler.until(() => handler.total() === 1);
    await source.stop();
    await run;
    expect(handler.texts(0)).toEqual(['a']);
    expect(stream.destroyed).toBe(true);
  });

  it('rejects with the fault of the handler, or of the stream', async () => {
    const stream = new PassThrough();
    stream.end('a\n');
    const faulty = recorder({
      before: () => {
        throw new Error('disk full');
      },
    });
    await expect(createStdinSource({ stream }).run(faulty)).rejects.toThrow('disk full');
    const broken = new PassThrough();
    const run = createStdinSource({ stream: broken }).run(recorder());
    broken.destroy(new Error('read error'));
    await expect(run).rejects.toThrow('read error');
  });
});
