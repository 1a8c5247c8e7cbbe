#include "iocore/capture/wavein_endpoint.h"

#include <mmdeviceapi.h>
#include <propidl.h>
#include <propsys.h>

#include <algorithm>
#include <cstddef>
#include <span>
#include <utility>

#include "iocore/base/utf16_win32.h"
#include "iocore/capture/wavein_format.h"

namespace holdfast {

namespace {

// mmddk.h of the driver kit.
constexpr UINT kQueryEndpointId = 0x811;      // DRV_QUERYFUNCTIONINSTANCEID
constexpr UINT kQueryEndpointIdSize = 0x812;  // DRV_QUERYFUNCTIONINSTANCEIDSIZE, in bytes
constexpr DWORD_PTR kLongestId = 4'096;

// PKEY_Device_FriendlyName and PKEY_AudioEngine_DeviceFormat.
constexpr PROPERTYKEY kFriendlyName{
    {0xA45C254E, 0xDF1C, 0x4EFD, {0x80, 0x20, 0x67, 0xD1, 0x46, 0xA8, 0x50, 0xE0}}, 14};
constexpr PROPERTYKEY kDeviceFormat{
    {0xF19F064D, 0x082C, 0x4E27, {0xBC, 0x73, 0x68, 0x82, 0xA1, 0xBB, 0x8E, 0x4C}}, 0};

// COM for the duration of a call. A thread that has it already, of either kind, keeps its own.
class ComScope {
  public:
    ComScope() : entered_(SUCCEEDED(::CoInitializeEx(nullptr, COINIT_MULTITHREADED))) {}
    ~ComScope() {
        if (entered_) ::CoUninitialize();
    }
    ComScope(const ComScope&) = delete;
    ComScope& operator=(const ComScope&) = delete;

  private:
    bool entered_;
};

template <typename Interface>
class ComPtr {
  public:
    ComPtr() = default;
    ComPtr(ComPtr&& other) noexcept : object_(std::exchange(other.object_, nullptr)) {}
    ~ComPtr() {
        if (object_ != nullptr) object_->Release();
    }
    ComPtr& operator=(ComPtr&&) = delete;

    Interface* operator->() const { return object_; }
    explicit operator bool() const { return object_ != nullptr; }
    Interface** out() { return &object_; }

  private:
    Interface* object_ = nullptr;
};

class Property {
  public:
    Property(IPropertyStore& store, const PROPERTYKEY& key) {
        ::PropVariantInit(&value_);
        if (FAILED(store.GetValue(key, &value_))) ::PropVariantInit(&value_);
    }
    ~Property() { ::PropVariantClear(&value_); }
    Property(const Property&) = delete;
    Property& operator=(const Property&) = delete;

    [[nodiscard]] std::wstring text() const {
        return value_.vt == VT_LPWSTR && value_.pwszVal != nullptr ? value_.pwszVal
                                                                   : std::wstring();
    }
    [[nodiscard]] std::span<const std::byte> blob() const {
        if (value_.vt != VT_BLOB) return {};
        return std::as_bytes(std::span(value_.blob.pBlobData, value_.blob.cbSize));
    }

  private:
    PROPVARIANT value_;
};

ComPtr<IMMDeviceEnumerator> deviceStore() {
    ComPtr<IMMDeviceEnumerator> store;
    (void)::CoCreateInstance(__uuidof(MMDeviceEnumerator), nullptr, CLSCTX_INPROC_SERVER,
                             __uuidof(IMMDeviceEnumerator), reinterpret_cast<void**>(store.out()));
    return store;
}

}  // namespace

std::wstring endpointIdOf(WaveInApi& api, UINT device) {
    // Documented as a ULONG; Wine writes as much as a pointer has, over whatever lies behind one.
    DWORD_PTR bytes = 0;
    const MMRESULT sized =
        api.message(device, kQueryEndpointIdSize, reinterpret_cast<DWORD_PTR>(&bytes), 0);
    if (sized != MMSYSERR_NOERROR || bytes < sizeof(wchar_t) || bytes > kLongestId) return {};
    std::wstring id(bytes / sizeof(wchar_t), L'\0');
    const MMRESULT read =
        api.message(device, kQueryEndpointId, reinterpret_cast<DWORD_PTR>(id.data()), bytes);
    if (read != MMSYSERR_NOERROR) return {};
    // It comes with its end mark.
    id.resize(std::min(id.find(L'\0'), id.size()));
    return id;
}

std::optional<EndpointFacts> readEndpoint(const std::wstring& id) {
    const ComScope com;
    const auto store = deviceStore();
    ComPtr<IMMDevice> device;
    if (!store || FAILED(store->GetDevice(id.c_str(), device.out()))) return std::nullopt;
    ComPtr<IPropertyStore> properties;
    if (FAILED(device->OpenPropertyStore(STGM_READ, properties.out()))) return std::nullopt;
    IPropertyStore& all = **properties.out();
    return EndpointFacts{narrowText(Property(all, kFriendlyName).text()),
                         fromWaveFormat(Property(all, kDeviceFormat).blob())};
}

std::wstring readDefaultEndpoint() {
    const ComScope com;
    const auto store = deviceStore();
    ComPtr<IMMDevice> device;
    if (!store || FAILED(store->GetDefaultAudioEndpoint(eCapture, eConsole, device.out())))
        return {};
    LPWSTR id = nullptr;
    if (FAILED(device->GetId(&id)) || id == nullptr) return {};
    std::wstring text(id);
    ::CoTaskMemFree(id);
    return text;
}

}  // namespace holdfast
