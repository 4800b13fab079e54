package org.rddma.softdev;

import static org.assertj.core.api.Assertions.assertThat;
import static org.rddma.verbs.conformance.Refusals.refused;

import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rddma.verbs.AccessFlags;
import org.rddma.verbs.CompletionQueue;
import org.rddma.verbs.Context;
import org.rddma.verbs.Device;
import org.rddma.verbs.Errno;
import org.rddma.verbs.MemoryRegion;
import org.rddma.verbs.ProtectionDomain;
import org.rddma.verbs.QueuePair;
import org.rddma.verbs.QueuePairInitAttributes;
import org.rddma.verbs.ReceiveRequest;
import org.rddma.verbs.ScatterGatherElement;
import org.rddma.verbs.Verbs;
import org.rddma.verbs.app.Endpoint;
import org.rddma.verbs.layer.Layers;
import org.rddma.verbs.layer.Tracing;
import org.rddma.verbs.layer.Validation;

/** Layers are there when they are asked for by the property, and only then. */
final class LayersTest {
    @TempDir
    Path folder;

    @AfterEach
    void noLayers() {
        System.clearProperty(Layers.PROPERTY);
        System.clearProperty(Layers.TRACE_FILE);
    }

    @Test
    void withoutThePropertyAllObjectsAreTheProvidersOwn() {
        try (Context context = Verbs.open("soft0")) {
            assertThat(context).isExactlyInstanceOf(SoftContext.class);
            assertThat(context.device()).isExactlyInstanceOf(SoftDevice.class);
            ProtectionDomain domain = context.allocateProtectionDomain();
            assertThat(domain).isExactlyInstanceOf(SoftProtectionDomain.class);
            CompletionQueue queue = context.createCompletionQueue(1);
            assertThat(queue).isExactlyInstanceOf(SoftCompletionQueue.class);
            assertThat(queue.cursor().getClass().getName()).doesNotContain("Proxy");
        }
        assertThat(Verbs.devices()).noneMatch(device -> Proxy.isProxyClass(device.getClass()));
        assertThat(Layers.apply(SoftFabric.shared().addDevice("plain0", SoftDeviceOptions.DEFAULT)))
                .isExactlyInstanceOf(SoftDevice.class);
    }

    @Test
    void withThePropertyEveryContextThatVerbsOpensHasTheLayers() throws Exception {
        Path file = folder.resolve("trace");
        System.setProperty(Layers.PROPERTY, " validate , trace");
        System.setProperty(Layers.TRACE_FILE, file.toString());
        try (Context context = Verbs.open("soft0")) {
            assertThat(Proxy.isProxyClass(context.getClass())).isTrue();
            assertThat(Proxy.isProxyClass(context.allocateProtectionDomain().getClass()))
                    .isTrue();
            CompletionQueue queue = context.createCompletionQueue(1);
            refused("wrId", Errno.EINVAL, queue.cursor()::wrId);
            assertThat(context.device()).isSameAs(context.device()).isIn(Verbs.devices());
            try (Context another = context.device().open()) {
                assertThat(Proxy.isProxyClass(another.getClass())).isTrue();
                assertThat(another.device()).isSameAs(context.device());
            }
        }
        assertThat(Files.readAllLines(file))
                .anyMatch(line -> line.contains("soft0 open() = "))
                .anyMatch(line -> line.contains(" allocateProtectionDomain() = protection domain"))
                .anyMatch(line -> line.contains(" createCompletionQueue("))
                .noneMatch(line -> line.contains("wrId"));
    }

    @Test
    void theFirstNameIsTheOutermostLayer() throws Exception {
        Path file = folder.resolve("trace");
        System.setProperty(Layers.PROPERTY, "trace,validate");
        System.setProperty(Layers.TRACE_FILE, file.toString());
        try (Context context = Verbs.open("soft0")) {
            ProtectionDomain domain = context.allocateProtectionDomain();
            MemoryRegion region = domain.allocateMemory(8, AccessFlags.LOCAL_WRITE);
            QueuePair pair = domain.createQueuePair(
                    new QueuePairInitAttributes().completionQueue(context.createCompletionQueue(1)));
            Endpoint.connect(pair, pair);
            pair.postReceive(new ReceiveRequest(1, new ScatterGatherElement(region)));
            refused("close", Errno.EBUSY, region::close);
        }
        assertThat(Files.readAllLines(file))
                .as("the finding of the inner layer")
                .anyMatch(line -> line.contains(" close() threw ") && line.contains("memory region"));
        System.setProperty(Layers.TRACE_FILE, folder.resolve("no/such/folder").toString());
        assertThat(refused("Layers.apply", Errno.EINVAL, Verbs::devices)).hasMessageContaining("no/such/folder");
    }

    @Test
    void aLayerThatThereIsNotIsRefusedWithTheNamesOfThoseThereAre() {
        System.setProperty(Layers.PROPERTY, "trace,valid");
        assertThat(refused("Layers.apply", Errno.EINVAL, () -> Verbs.open("soft0")))
                .hasMessageContaining("'valid'")
                .hasMessageContaining("validate");
        System.setProperty(Layers.PROPERTY, "validate,validate");
        refused("Layers.apply", Errno.EINVAL, () -> Verbs.open("soft0"));
        refused("Layers.apply", Errno.EINVAL, () -> Layers.apply((Device) null));
    }

    @Test
    void anEmptyPropertyAsksForNothing() {
        System.setProperty(Layers.PROPERTY, " ");
        try (Context context = Verbs.open("soft0")) {
            assertThat(context).isExactlyInstanceOf(SoftContext.class);
        }
    }

    @Test
    void aLookInsideTheDeviceTakesWhatIsBehindAnyLayers() {
        UnaryOperator<Context> trace = context -> Tracing.of(context, line -> {});
        for (UnaryOperator<Context> layers : List.<UnaryOperator<Context>>of(
                UnaryOperator.identity(),
                trace,
                Validation::of,
                context -> trace.apply(Validation.of(context)),
                context -> Validation.of(trace.apply(context)))) {
            try (LayerWorld world = new LayerWorld(layers)) {
                SoftInspection inspection =
                        world.context.extension(SoftInspection.class).orElseThrow();
                world.b.postReceive(world.receive(1, 100));
                world.a.postSend(world.send(2, 5));
                assertThat(inspection.view(world.queue).waiting()).isEqualTo(2);
                assertThat(inspection.view(world.a).sends().posted()).isEqualTo(1);
                assertThat(Layers.below(world.queue)).isExactlyInstanceOf(SoftCompletionQueue.class);
            }
        }
    }

    @Test
    void whatIsBehindNoLayerIsBelowItself() {
        assertThat(Layers.below(null)).isNull();
        assertThat(Layers.below(this)).isSameAs(this);
    }
}
