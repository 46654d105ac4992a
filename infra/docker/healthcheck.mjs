// Exit 0 when the service in this container says it is ready. Plain Node: the image carries no curl.
const port = process.env.PORT ?? '3000';
const path = process.env.HEALTH_PATH ?? '/health/ready';
try {
  const answer = await fetch(`http://127.0.0.1:${port}${path}`, { signal: AbortSignal.timeout(2500) });
  process.exit(answer.ok ? 0 : 1);
} catch {
  process.exit(1);
}
