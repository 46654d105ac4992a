// Preloaded into a service by `--sabotage ack-early`: consumers acknowledge before they commit.
// Only the loaded bundle is changed, so the product holds nothing of this.
import { registerHooks } from 'node:module';

const LINE = 'sizes.observe(count);';

registerHooks({
  load(url, context, nextLoad) {
    const loaded = nextLoad(url, context);
    if (!url.endsWith('/main.mjs')) return loaded;
    const source = String(loaded.source);
    if (source.split(LINE).length !== 2) throw new Error(`ack-early: "${LINE}" is not there exactly once`);
    return {
      ...loaded,
      source: source.replace(
        LINE,
        `${LINE} for (const entry of entries) ack(entry.held); await new Promise((resolve) => setTimeout(resolve, 60));`,
      ),
    };
  },
});
