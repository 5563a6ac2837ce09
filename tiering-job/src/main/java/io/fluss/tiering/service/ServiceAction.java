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
package io.fluss.tiering.service;

import io.fluss.client.lake.TieringAdmin.TableInWork;
import io.fluss.errors.FlussException;

/** What follows from a heartbeat. */
public sealed interface ServiceAction {
    <R> R accept(Cases<R> cases);

    /** Begin a round. */
    record Start(TableInWork table) implements ServiceAction {
        @Override
        public <R> R accept(Cases<R> cases) {
            return cases.start(this);
        }
    }

    /** Stop a round: the table is not this service's any more. */
    record Cancel(TableInWork table, FlussException reason) implements ServiceAction {
        @Override
        public <R> R accept(Cases<R> cases) {
            return cases.cancel(this);
        }
    }

    /** One method per action. */
    interface Cases<R> {
        R start(Start action);

        R cancel(Cancel action);
    }
}
