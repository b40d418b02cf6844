const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');

/**
 * Jest's global set-up: gives the run a folder that all workers share. Nothing is started here, since nobody knows yet
 * whether a test will ask for a server; the first that does starts it (kafka.ts) and leaves its address in the folder.
 */
module.exports = async () => {
  process.env.KEYWATCH_TEST_RUN = fs.mkdtempSync(path.join(os.tmpdir(), 'keywatch-test-run-'));
  process.env.KEYWATCH_TEST_RUN_PID = String(process.pid);
  // What src/adapters/tensorflow/backend.ts sets: a test's own `process.env` is a copy that no native library sees.
  process.env.TF_CPP_MIN_LOG_LEVEL ??= '2';
  process.env.TF_ENABLE_ONEDNN_OPTS ??= '0';
};
