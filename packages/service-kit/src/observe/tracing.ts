import type { FastifyPluginCallback } from 'fastify';

interface Tracing {
  /** Fastify plugin that makes a span per request. */
  plugin: FastifyPluginCallback;
  /** Traceparent of the span that is active now. */
  active(): string | undefined;
  stop(): Promise<void>;
}

let tracing: Tracing | undefined;

/** The running tracing, or undefined: then nothing of OpenTelemetry was loaded. */
export function currentTracing(): Tracing | undefined {
  return tracing;
}

/**
 * Starts OpenTelemetry when OTEL_EXPORTER_OTLP_ENDPOINT is set (about 100 µs a request); else loads
 * nothing. Run it before buildHttp. Returns what flushes and stops it.
 */
export async function startTracing(
  name: string,
  endpoint: string | undefined = process.env.OTEL_EXPORTER_OTLP_ENDPOINT,
): Promise<() => Promise<void>> {
  if (!endpoint) return async () => {};
  const [{ NodeSDK }, { FastifyOtelInstrumentation }, { trace, isSpanContextValid }] = await Promise.all([
    import('@opentelemetry/sdk-node'),
    import('@fastify/otel'),
    import('@opentelemetry/api'),
  ]);
  const sdk = new NodeSDK({ serviceName: name });
  sdk.start();
  const instrumentation = new FastifyOtelInstrumentation();
  tracing = {
    plugin: instrumentation.plugin() as FastifyPluginCallback,
    active() {
      const context = trace.getActiveSpan()?.spanContext();
      if (!context || !isSpanContextValid(context)) return undefined;
      return `00-${context.traceId}-${context.spanId}-${context.traceFlags.toString(16).padStart(2, '0')}`;
    },
    async stop() {
      tracing = undefined;
      await sdk.shutdown();
    },
  };
  const { stop } = tracing;
  return stop;
}
