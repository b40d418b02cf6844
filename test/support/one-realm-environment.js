const { TestEnvironment } = require('jest-environment-node');

/**
 * Node's environment with the outer world's typed arrays. A native package makes its arrays outside of the test's own
 * world, where they are no `instanceof` what the test's world calls Float32Array, and TensorFlow.js asks just that.
 * Named in the first comment of a test file that runs tfjs-node.
 */
module.exports = class OneRealmEnvironment extends TestEnvironment {
  constructor(config, context) {
    super(config, context);
    Object.assign(this.global, { Float32Array, Int32Array, Uint8ClampedArray, Uint8Array, ArrayBuffer });
  }
};
