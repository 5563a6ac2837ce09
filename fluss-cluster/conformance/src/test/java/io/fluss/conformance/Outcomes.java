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

import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentSkipListMap;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.TestPlan;

/** Whether each case passed, by its sentence. Cases run on several threads. */
final class Outcomes implements TestExecutionListener {
    private final ConcurrentSkipListMap<String, Boolean> passed = new ConcurrentSkipListMap<>();
    private volatile TestPlan plan;

    @Override
    public void testPlanExecutionStarted(TestPlan started) {
        plan = started;
    }

    @Override
    public void executionFinished(TestIdentifier id, TestExecutionResult result) {
        boolean isPassed = result.getStatus() == TestExecutionResult.Status.SUCCESSFUL;
        if (id.isTest() || !isPassed) {
            String name = name(id);
            if (passed.put(name, isPassed) != null) {
                throw new IllegalStateException("two cases are called: " + name);
            }
        }
    }

    /** The sentence of the class and the one of the case. */
    private String name(TestIdentifier id) {
        String name = id.getDisplayName();
        TestIdentifier of = id;
        while (plan.getParent(of).flatMap(plan::getParent).isPresent()) {
            of = plan.getParent(of).orElseThrow();
        }
        return of == id ? name : of.getDisplayName() + ": " + name;
    }

    SortedMap<String, Boolean> passed() {
        return new TreeMap<>(passed);
    }
}
