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
/**
 * Looking up rows of tables with a primary key, by key or by a leading part of it. Keys wait in a
 * bounded queue while requests are under way and go together, one request per server; the client's
 * loop owns what is under way. Start at {@link io.fluss.client.lookup.Lookuper} and {@link
 * io.fluss.client.lookup.PrefixLookuper}.
 */
@NullMarked
package io.fluss.client.lookup;

import org.jspecify.annotations.NullMarked;
