/*
 * Licensed under the Apache License, Version 2.0 (the "License");
 * you may not use this file except in compliance with the License.
 * You may obtain a copy of the License at
 *
 *     http://www.apache.org/licenses/LICENSE-2.0
 *
 * Unless required by applicable law or agreed to in writing, software
 * distributed under the License is distributed on an "AS IS" BASIS,
 * WITHOUT WARRANTIES OR CONDITIONS OF ANY KIND, either express or implied.
 * See the License for the specific language governing permissions and
 * limitations under the License.
 */
package io.fluss.conformance;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.TestPlan;

/** One line for each case and a count at the end, on standard output. */
public final class Report implements TestExecutionListener {
    private final Map<String, Long> started = new ConcurrentHashMap<>();
    private final AtomicInteger passed = new AtomicInteger();
    private final AtomicInteger failed = new AtomicInteger();
    private final AtomicInteger skipped = new AtomicInteger();
    private long begin;
    private TestPlan plan;

    @Override
    public void testPlanExecutionStarted(TestPlan p) {
        plan = p;
        begin = System.nanoTime();
    }

    @Override
    public void executionStarted(TestIdentifier id) {
        started.put(id.getUniqueId(), System.nanoTime());
    }

    @Override
    public void executionSkipped(TestIdentifier id, String reason) {
        skipped.incrementAndGet();
        line("skip", 0, id, reason);
    }

    @Override
    public void executionFinished(TestIdentifier id, TestExecutionResult r) {
        boolean ok = r.getStatus() == TestExecutionResult.Status.SUCCESSFUL;
        if (!id.isTest() && ok) {
            return;
        }
        Long t0 = started.get(id.getUniqueId());
        long ms = t0 == null ? 0 : (System.nanoTime() - t0) / 1_000_000;
        if (ok) {
            passed.incrementAndGet();
            line("pass", ms, id, null);
        } else if (r.getStatus() == TestExecutionResult.Status.ABORTED) {
            skipped.incrementAndGet();
            line("skip", ms, id, r.getThrowable().map(Throwable::getMessage).orElse(""));
        } else {
            failed.incrementAndGet();
            line("FAIL", ms, id, r.getThrowable().map(Report::brief).orElse(""));
        }
    }

    @Override
    public void testPlanExecutionFinished(TestPlan p) {
        int f = failed.get();
        System.out.printf(
                "%n%d cases: %d passed, %d failed, %d skipped in %.1f s%n",
                passed.get() + f + skipped.get(),
                passed.get(),
                f,
                skipped.get(),
                (System.nanoTime() - begin) / 1e9);
        System.out.flush();
    }

    private static String brief(Throwable t) {
        StringBuilder all = new StringBuilder(t.toString());
        for (Throwable c = t.getCause(); c != null; c = c.getCause()) {
            all.append(" <- ").append(c);
        }
        String s = all.toString().replaceAll("\\s*\\R\\s*", " | ");
        return s.length() > 900 ? s.substring(0, 900) + "…" : s;
    }

    private void line(String what, long ms, TestIdentifier id, String more) {
        StringBuilder name = new StringBuilder();
        TestIdentifier at = id;
        while (at != null && at.getParentId().isPresent()) {
            if (name.length() == 0) {
                name.append(at.getDisplayName());
            } else if (!at.getDisplayName()
                    .matches(
                            "\\w+\\([\\w, \\[\\].]*\\)")) { // a parametrised method has no sentence
                // of its own
                name.insert(0, at.getDisplayName() + ": ");
            }
            at = plan.getParent(at).orElse(null);
        }
        synchronized (System.out) {
            System.out.printf("%s %6d ms  %s%n", what, ms, name);
            if (more != null && !more.isEmpty()) {
                System.out.println("       " + more);
            }
            System.out.flush();
        }
    }
}
