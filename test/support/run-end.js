const fs = require('node:fs');
const path = require('node:path');

const alive = (pid) => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

/** Jest's global tear-down: stops the servers that this run started (a crashed run's stop by themselves). */
module.exports = async () => {
  const dir = process.env.KEYWATCH_TEST_RUN;
  if (!dir) return;
  for (const name of fs.readdirSync(dir).filter((file) => file.endsWith('.pid'))) {
    const pid = Number(fs.readFileSync(path.join(dir, name), 'utf8'));
    if (!pid || !alive(pid)) continue;
    process.kill(pid, 'SIGTERM');
    for (let i = 0; i < 100 && alive(pid); i++) await new Promise((resolve) => setTimeout(resolve, 100));
  }
  fs.rmSync(dir, { recursive: true, force: true });
};
