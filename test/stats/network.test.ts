import fc from 'fast-check';
import { createForward, type Layer } from '../../src/stats/network';

const layer = (inputs: number, units: number, activation: Layer['activation'], fill: (i: number) => number): Layer => ({
  units,
  activation,
  kernel: Float32Array.from({ length: inputs * units }, (_, i) => fill(i)),
  bias: Float32Array.from({ length: units }, (_, i) => fill(-i - 1)),
});

describe('the forward pass', () => {
  test('a layer is activation(x · kernel + bias), row i of the kernel being the weights of input i', () => {
    const forward = createForward(
      [{ units: 2, activation: 'linear', kernel: Float32Array.of(1, 2, 3, 4), bias: Float32Array.of(10, 20) }],
      2,
    );
    expect([...forward(Float32Array.of(5, 7))]).toEqual([10 + 5 * 1 + 7 * 3, 20 + 5 * 2 + 7 * 4]);
  });

  test('the same input gives the same bytes, whatever came before', () => {
    const layers = [layer(6, 4, 'tanh', (i) => Math.sin(i)), layer(4, 6, 'linear', (i) => Math.cos(i))];
    const used = createForward(layers, 6);
    const input = fc.array(fc.float({ noNaN: true, noDefaultInfinity: true }), { minLength: 6, maxLength: 6 });
    fc.assert(
      fc.property(input, input, (before, x) => {
        used(Float32Array.from(before));
        const again = [...used(Float32Array.from(x))];
        expect(again).toEqual([...createForward(layers, 6)(Float32Array.from(x))]);
      }),
    );
  });

  test('shapes that do not follow from one another are refused', () => {
    expect(() => createForward([layer(3, 2, 'tanh', () => 0), layer(3, 3, 'linear', () => 0)], 3)).toThrow(RangeError);
    expect(() => createForward([{ ...layer(3, 2, 'tanh', () => 0), bias: new Float32Array(1) }], 3)).toThrow(
      RangeError,
    );
  });
});
