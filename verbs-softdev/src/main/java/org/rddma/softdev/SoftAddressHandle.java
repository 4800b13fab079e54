package org.rddma.softdev;

import org.rddma.softdev.engine.DatagramRoute;
import org.rddma.verbs.AddressHandle;
import org.rddma.verbs.AddressVector;
import org.rddma.verbs.internal.ring.SendEntryDescriptor;
import org.rddma.verbs.spi.Resource;

/** An address handle of a software device. */
public final class SoftAddressHandle extends Resource implements AddressHandle {
    private final SoftProtectionDomain domain;
    private final Route route;

    SoftAddressHandle(SoftProtectionDomain domain, String label, AddressVector vector) {
        super(domain.context(), label, domain);
        this.domain = domain;
        route = new Route(
                this,
                domain.actual(),
                vector,
                SendEntryDescriptor.way(
                        vector.sourceGidIndex(),
                        vector.hopLimit(),
                        vector.trafficClass(),
                        vector.serviceLevel(),
                        vector.flowLabel()));
    }

    private record Route(SoftAddressHandle handle, Object domain, AddressVector vector, long way)
            implements DatagramRoute {
        @Override
        public boolean isClosed() {
            return handle.isClosed();
        }
    }

    @Override
    public SoftProtectionDomain protectionDomain() {
        return domain;
    }

    @Override
    public AddressVector vector() {
        return route.vector();
    }

    DatagramRoute route() {
        return route;
    }

    @Override
    protected void release() {}

    @Override
    protected void forgotten() {
        domain.context().device().addressHandles.giveBack();
    }
}
